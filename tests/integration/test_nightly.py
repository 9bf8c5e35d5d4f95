"""From what has landed to the night's runs, and to what they publish."""

import datetime as dt
import warnings
from pathlib import Path

import dagster as dg

from orchestration.definitions import build_defs
from orchestration.defs.home import instance
from orchestration.defs.schedules import JOB
from orchestration.demo.content import KST, generate
from orchestration.demo.server import DemoServer
from orchestration.fetch.crawl import fetch_range
from orchestration.landing.store import Landing
from orchestration.settings import Settings
from tests.support.workplace import make_settings, rows, run

END = dt.date(2026, 3, 15)
DAY = dt.timedelta(days=1)
OLD = END - DAY


def test_a_post_dated_back_is_published_under_its_old_day_by_the_next_night(tmp_path: Path) -> None:
    noon = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
    with DemoServer(generate(seed=3, end_day=END, days=2, posts=30), now=lambda: noon) as server:
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url, "refresh": []})
        boards = settings.load_boards()
        assert run(settings, OLD, END) == 0
        count = f"select count(*) from board_rows where listed_on = '{OLD}'"
        ((before,),) = rows(settings, count)
        assert [asked for asked, _ in night(settings)] == [(END, END)], "nothing but the day before"
        post = server.site.add_post(mid="news", regdate=f"{OLD}T08:00:00+09:00")
        fetch_range(settings, boards, END, END, Landing(settings.landing), "the-last-hour")
        ((asked, request),) = night(settings)
        assert asked == (OLD, END)
        with warnings.catch_warnings(), instance(settings) as dagster:
            warnings.simplefilter("ignore")
            job = build_defs(settings, boards).resolve_job_def(JOB)
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            selected = list(request.asset_selection or ())
            assert job.execute_in_process(quiet, instance=dagster, asset_selection=selected, tags=dict(request.tags)).success
        found = f"select listed_on, status from board_rows join articles using (document_id, listed_on) where document_id = {post}"
        assert rows(settings, found) == [(OLD, "listed")]
        assert rows(settings, count) == [(before + 1,)]
        assert [asked for asked, _ in night(settings)] == [(END, END)]


def night(settings: Settings) -> list[tuple[tuple[dt.date, dt.date], dg.RunRequest]]:
    """What `nightly_close` asks for at 02:00 after END: the days of each run, both included, and the request."""
    with warnings.catch_warnings(), dg.DagsterInstance.ephemeral() as dagster:
        warnings.simplefilter("ignore")
        repository = build_defs(settings, settings.load_boards()).get_repository_def()
        at = dt.datetime.combine(END + DAY, dt.time(2), KST)
        with dg.build_schedule_context(dagster, at, repository_def=repository) as context:
            requests = repository.get_schedule_def("nightly_close").evaluate_tick(context).run_requests or []
    ends = [[request.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")] for request in requests]
    return [((dt.date.fromisoformat(a), dt.date.fromisoformat(b)), r) for (a, b), r in zip(ends, requests, strict=True)]
