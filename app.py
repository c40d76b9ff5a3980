"""The dashboard's frame: the menu, and the page that was asked for.

    streamlit run app.py

Which pages there are stands in `pages/ui/menu.py`. Each page opens itself with
`frame.open_page`, because a link straight to a page on a server that has just started runs that
page without this file.
"""

from pages.ui.menu import menu

menu().run()
