"""The front page of a version: one static file for whoever reads the tables, without script and without network.

`facts` asks the version's own file, `wording` says amounts, sentences and changes as people read them, `charts` draws, `page` puts
them together. Not here: where the page is written (`publish`).
"""
