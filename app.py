"""The dashboard's frame: which pages there are.

    streamlit run app.py

Declares pages and nothing else. Each page opens itself with `frame.open_page`, because a
link straight to a page on a server that has just started runs that page without this file.
"""

import streamlit as st

st.navigation(
    [
        st.Page("pages/trade_off.py", title="Trade-off", icon=":material/tonality:", default=True),
    ]
).run()
