"""Fetch: ask the boards, land every answer, and say which board-days were read completely.

Here: strategies that reach a range of days, politeness, trust, and the run's scope. Not here: what a page says (`parse`), or
storage (`landing`). Entry points: `crawl.fetch_range`, `offline.offline_scope`, `plan.plan`.
"""
