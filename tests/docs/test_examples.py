"""Every code block in the README and the documentation does what the page says."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.docs import examples
from tests.docs.pages import name, pages
from tests.docs.shell import Shell, environment
from tests.postgres import cluster, programs

NEEDS_POSTGRESQL = "<!-- needs: postgresql -->"


@contextmanager
def server(page: Path) -> Iterator[dict[str, str]]:
    """What leads libpq's programs to a PostgreSQL of this page's own, if it says that it needs one."""
    if NEEDS_POSTGRESQL not in page.read_text(encoding="utf-8"):
        yield {}
        return
    with cluster() as address:
        place = urlsplit(address)
        path = f"{programs()}{os.pathsep}{environment(page.parent)['PATH']}"
        yield {"PGHOST": parse_qs(place.query)["host"][0], "PGUSER": str(place.username), "PATH": path}


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_block_of_a_page_runs_and_prints_what_is_shown(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fences = [line for line, _ in examples.languages(page)]

    with server(page) as env, Shell(tmp_path, env) as shell:
        ran = examples.run(page, tmp_path, shell)

    # A doctest counts by its prompts, of which a block may have several.
    passed_over = [a for a, b in pairwise([*fences, math.inf]) if not any(a <= line < b for line in ran)]
    assert passed_over == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_block_has_a_language_of_the_convention(page):
    odd = [f"line {line}: {info!r}" for line, info in examples.languages(page) if info not in examples.LANGUAGES]

    assert odd == []


def run_page(text: str, folder: Path) -> list[int]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    with Shell(folder) as shell:
        return examples.run(page, folder, shell)


GOOD = """
<!-- writes: lots.csv -->

```csv
lot,kg
a,1
```

```console
$ head -1 lots.csv
lot,kg
$ seq 1 9
1
...
9
$ n=3; false
$ echo $?
1
$ cat <<'END' | tr a b
> a $n
> END
b $n
$ echo $n
3
```

<!-- prints: cat lots.csv -->
```text
lot,kg
...
```

```python
two = 2
```

```python
>>> two
2
```
"""


def test_a_page_that_is_right_passes_block_by_block(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert len(run_page(GOOD, tmp_path)) == 5


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("lot,kg\n$ seq", "lot,t\n$ seq"),
        ("...\n9", "...\n8"),
        ("a,1", "a,1,2"),
        ("$ echo $?\n1\n", ""),
        ("lot,kg\n...\n```\n\n```python", "lot,g\n...\n```\n\n```python"),
        (">>> two\n2", ">>> two\n3"),
        ("b $n", "a $n"),
        ("```console\n", "```console\nhello\n"),
    ],
)
def test_a_page_that_is_wrong_in_one_place_fails(right, wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert GOOD.count(right) == 1

    with pytest.raises(Exception, match=r".") as failure:
        run_page(GOOD.replace(right, wrong), tmp_path)
    assert not isinstance(failure.value, (OSError, KeyError, TypeError))


def test_a_fence_without_a_language_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```\nx\n```\n\n```{note}\ny\n```\n\n```sh\nz\n```\n", encoding="utf-8")

    assert examples.languages(page) == [(1, ""), (9, "sh")]
