"""The data tables made anew from the landing: for a published folder that is damaged or lost.

Here: which stretches and which earlier runs are built, and what becomes the next version. Not here: a candidate (`build`), its
gates, or how a version is written (`publish`). It is a series of ordinary runs that ask the boards nothing, in a folder of its own,
published once at the end: a reader sees the version before or the whole.

A document's state is a fold of all that landed, so a stretch is built once, as of now. What the landing does not say by itself is
what gates refused on the way: an article version that was never published counts as none, and a refused document stands as it was
accepted last. So where an article changed, or something is refused now, the runs concerned are built again in their order, each
from what had landed by its end.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.build.candidate import prepare_candidate
from orchestration.build.folder import PARSE_CACHE, claim, release
from orchestration.build.run import CANDIDATE, build
from orchestration.decisions import recorded_decisions
from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.fetch.known import ScopeRecord, ended, scope_records
from orchestration.fetch.offline import offline_scope
from orchestration.forget.landed import page_of
from orchestration.gates.catalogue import SUITES
from orchestration.gates.records import Verdicts
from orchestration.gates.refusal import decide
from orchestration.landing.store import Landing
from orchestration.publish import publish, versions
from orchestration.publish.replacing import Replaced, newest_readable, replace_all, take_over
from orchestration.scope import BoardDay, Scope
from orchestration.settings import Board, Settings, today

ONE_VERSION = versions.Retention(versions=1, days=0)
MOST_CATCHES_UP = 5
Say = Callable[[str], None]
BoardDayKey = tuple[str, dt.date]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`days`: board-days built from the landing; `taken_over`: board-days of which documents are in no landed page, with how many
    came from `old_version`; `held_back`: those that no state of the landing lets through."""

    replaced: Replaced
    days: int
    held_back: tuple[BoardDayKey, ...]
    taken_over: dict[BoardDayKey, int]
    old_version: int | None


def rebuild(settings: Settings, *, after: int | None = None, say: Say = print, effects: Effects | None = None) -> Rebuilt:
    """Make the next version from the landing. `after`: the last version that consumers saw, where the folder that says so is lost.

    Raises BoardhouseError (one line) where nothing has landed, a landing file cannot be read, or the disk refuses; what is
    published stays as it was.
    """
    boards = settings.load_boards()
    landing = Landing(settings.landing)
    now = dt.datetime.now(dt.UTC)
    run_id = f"rebuild-{now:%Y%m%dT%H%M%SZ}"
    scratch = claim(settings.build, run_id)
    try:
        inner = _scratch_settings(settings, scratch)
        maker = _Maker(inner, boards, landing, run_id, say)
        known = maker.known_days()
        if not known:
            raise BoardhouseError(f"nothing has landed in {settings.landing}: restore it from a backup, then rebuild")
        versions_seen = versions.kept_versions(settings.published)
        for stretch in _months(known):
            maker.make(stretch)
        for _ in range(MOST_CATCHES_UP):
            old = newest_readable(settings.published)
            taken = take_over(inner.published, settings.published, old, maker.forgotten(), now) if old is not None else {}
            done = replace_all(
                settings.published,
                versions.warehouse_file(inner.published, versions.current_version(inner.published) or 0),
                since=versions_seen,
                after=after,
                forgotten=maker.forgotten(),
                run_id=run_id,
                now=dt.datetime.now(dt.UTC),
                keep=versions.Retention(settings.versions_keep, settings.versions_keep_days),
                effects=effects or Effects(),
            )
            if isinstance(done, Replaced):
                return Rebuilt(done, len(known), tuple(sorted(maker.held_back)), taken, old)
            say(f"another run published {len(done)} board-days meanwhile: built anew")
            versions_seen = versions.kept_versions(settings.published)
            for stretch in _months(done):
                maker.make(stretch)
        raise BoardhouseError("other runs publish faster than this rebuilds: switch the schedules off, then rebuild")
    finally:
        release(scratch)


def _scratch_settings(settings: Settings, scratch: Path) -> Settings:
    """A home of its own, with the parse cache and the operator's rates of the real one."""
    for name, there in ((f"build/{PARSE_CACHE}", settings.build / PARSE_CACHE), ("rates", settings.rates)):
        link = scratch / name
        link.parent.mkdir(parents=True, exist_ok=True)
        there.mkdir(parents=True, exist_ok=True)
        link.symlink_to(there.resolve())
    return settings.model_copy(update={"home": scratch})


def _months(days: Sequence[BoardDayKey]) -> Iterator[list[BoardDayKey]]:
    """A month at a time: what a candidate holds is bounded by it, however long the history."""
    ordered = sorted(days, key=lambda key: (key[1], key[0]))
    for _, month in itertools.groupby(ordered, key=lambda key: (key[1].year, key[1].month)):
        yield list(month)


class _Maker:
    """Builds, judges and publishes into the scratch home."""

    def __init__(self, settings: Settings, boards: Sequence[Board], landing: Landing, run_id: str, say: Say) -> None:
        self._settings, self._boards, self._landing, self._run_id, self._say = settings, boards, landing, run_id, say
        self._count = 0
        self.held_back: set[BoardDayKey] = set()
        by_id = {board.id: board for board in boards}
        self._page_of = lambda response: page_of(response, by_id.get(response.board_id))
        self._records: dict[str, list[ScopeRecord]] = {
            board.id: ended(scope_records(landing.responses(board.id, purposes=["scope"]))) for board in boards
        }

    def forgotten(self) -> set[tuple[str, int]]:
        gone = recorded_decisions(self._landing, ["forget"])
        return {(decision.board_id or "", number) for decision in gone for number in decision.documents}

    def known_days(self) -> list[BoardDayKey]:
        first = min(board.first_day for board in self._boards)
        scope = self._offline(first, today() + dt.timedelta(days=1), self._boards)
        return [(day.board_id, day.day) for day in scope.built]

    def make(self, stretch: Sequence[BoardDayKey]) -> None:
        """Publish these board-days into the scratch home, as of now, after the earlier runs that matter."""
        wanted = set(stretch)
        from_on, to_on = stretch[0][1], stretch[-1][1]
        self._say(f"{from_on} to {to_on}: {len(stretch)} board-days")
        final = self._offline(from_on, to_on, [board for board in self._boards if board.id in {b for b, _ in wanted}])
        final = _restricted(final, wanted)
        run_dir = self._prepare(final)
        verdicts = self._judge(run_dir, final)
        ruling = decide(verdicts)
        troubled = {key for key in ruling.held_back if key in wanted} | {key for key in ruling.refused if key in wanted}
        earlier = self._runs_that_matter(run_dir, wanted, troubled)
        if earlier:
            for records in earlier:
                self._replay(records, wanted)
            run_dir = self._prepare(final)
            verdicts = self._judge(run_dir, final)
        self._publish(run_dir, final, verdicts)

    def _offline(self, from_on: dt.date, to_on: dt.date, boards: Sequence[Board]) -> Scope:
        self._count += 1
        run_id = f"{self._run_id}-{self._count}"
        return offline_scope(self._settings, boards, from_on, to_on, self._landing, run_id, self._page_of)

    def _prepare(self, scope: Scope, until: dt.datetime | None = None) -> Path:
        prepare_candidate(self._settings, self._boards, scope, self._landing, until=until)
        return self._settings.build / scope.run_id

    def _judge(self, run_dir: Path, scope: Scope) -> Verdicts:
        from orchestration.gates.runner import judge  # imports Great Expectations

        build(run_dir)
        return judge(run_dir / CANDIDATE, scope, SUITES, {board.id: board.refused_share for board in self._boards})

    def _publish(self, run_dir: Path, scope: Scope, verdicts: Verdicts) -> None:
        done = publish(
            self._settings.published,
            run_dir / CANDIDATE,
            scope,
            verdicts,
            self._boards,
            now=dt.datetime.now(dt.UTC),
            base_version=versions.current_version(self._settings.published),
            decisions=recorded_decisions(self._landing, ["release", "requeue", "forget"]),
            keep=ONE_VERSION,
        )
        self.held_back -= {(day.board_id, day.day) for day in scope.built}
        self.held_back |= set(done.acceptance.held_back)
        (run_dir / CANDIDATE).unlink()

    def _runs_that_matter(self, run_dir: Path, wanted: set[BoardDayKey], troubled: set[BoardDayKey]) -> list[list[ScopeRecord]]:
        """The runs that first read an article version which is not the last, and all that read a day of which something is
        refused now; in their order, each with its records of the boards concerned."""
        with duckdb.connect(str(run_dir / CANDIDATE), read_only=True) as connection:
            changed = {
                run_id
                for (run_id,) in connection.execute(
                    """
                    with reads as (
                        select pages.board_id, pages.run_id, r.document_id, r.content_hash, pages.fetched_at,
                            lag(r.content_hash) over one as before,
                            last_value(r.content_hash) over (
                                partition by pages.board_id, r.document_id order by pages.fetched_at
                                rows between current row and unbounded following
                            ) as last_hash
                        from raw.article_reads as r join raw.pages as pages using (response_id)
                        where r.outcome = 'read'
                        window one as (partition by pages.board_id, r.document_id order by pages.fetched_at)
                    )
                    select distinct run_id from reads
                    where (before is null or before <> content_hash) and content_hash <> last_hash
                    """
                ).fetchall()
            }
        chosen: dict[str, list[tuple[str, ScopeRecord]]] = {}
        for board_id, records in self._records.items():
            for record in records:
                days = {(board_id, day.day) for day in record.days if day.state == "complete"} & wanted
                if days and (record.run_id in changed or days & troubled):
                    chosen.setdefault(record.run_id, []).append((board_id, record))
        self._boards_of = {id(record): board_id for found in chosen.values() for board_id, record in found}
        runs = [[record for _, record in found] for found in chosen.values()]
        return sorted(runs, key=lambda records: max(record.at for record in records))

    def _replay(self, records: Sequence[ScopeRecord], wanted: set[BoardDayKey]) -> None:
        """One run's board-days of the stretch, as they were judged then."""
        days = [
            BoardDay(self._boards_of[id(record)], day.day, "complete")
            for record in records
            for day in record.days
            if day.state == "complete" and (self._boards_of[id(record)], day.day) in wanted
        ]
        self._count += 1
        listings = tuple(response_id for record in records for response_id, _ in record.listings)
        on = [day.day for day in days]
        scope = Scope(f"{self._run_id}-{self._count}", min(on), max(on), True, tuple(days), listings)
        run_dir = self._prepare(scope, until=max(record.at for record in records))
        self._publish(run_dir, scope, self._judge(run_dir, scope))


def _restricted(scope: Scope, wanted: set[BoardDayKey]) -> Scope:
    """Only the board-days that are wanted."""
    days = tuple(day for day in scope.built if (day.board_id, day.day) in wanted)
    return Scope(scope.run_id, scope.from_on, scope.to_on, True, days, scope.listings)
