"""The sketchbook5 skin, the most used one of XE1, in its table style.

Here: what it calls its parts. Not here: how parts are read (`xe`), and its webzine, gallery, cloud and blog styles, which carry
no numbers.
"""

from orchestration.parse.xe import Skin

SKETCHBOOK5 = Skin(
    name="sketchbook5",
    list_mark='class="bd_lst ',
    list_css="table.bd_lst",
    header_mark='class="rd_hd ',
    header_css=".rd_hd",
    body_mark='class="rd_body ',
    body_css=".rd_body",
    title_css="h1 a[href]",
    category_css=".cate",
    date_css=".date",
    author_css=".nick",
    view_class="m_no",
    pager_mark='class="bd_pg',
    pager_end="</form>",
)
