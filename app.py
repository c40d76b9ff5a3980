"""The dashboard's frame: which pages there are.

    streamlit run app.py

Declares pages and nothing else (no icons here: Streamlit would make the browser fetch them
from outside this machine for the tab). Each page opens itself with `frame.open_page`, because a
link straight to a page on a server that has just started runs that page without this file.
"""

import streamlit as st

st.navigation(
    [
        st.Page("pages/trade_off.py", title="Trade-off", default=True),
        st.Page("pages/side_by_side.py", title="Side by side"),
        st.Page("pages/items.py", title="Items"),
        st.Page("pages/evaluate.py", title="Evaluate"),
        st.Page("pages/reasoning.py", title="Reasoning"),
        st.Page("pages/judge.py", title="Judge"),
        st.Page("pages/literature.py", title="Literature"),
        st.Page("pages/pairs.py", title="Pairs"),
        st.Page("pages/share.py", title="Share"),
        st.Page("pages/system.py", title="System"),
    ]
).run()
