"""What readers are shown of a published version: its front page, and what each table and column means.

Here: reading a version and rendering it. Not here: making a version (`publish`), or a page of the documentation.
"""
