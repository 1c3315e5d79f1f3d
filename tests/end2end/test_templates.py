"""A dataset's own template over the API and the command line of a real engine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from engine.client import EngineClient
from engine.protocol.dataset_specs import AddDataset, Template
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, GalleryTemplate, TokenStats, TokenView
from tests.end2end.conftest import Studio

pytestmark = pytest.mark.slow
FIELDS = Template("Tones", "fields", "<|user|>{phrase}<|assistant|>{tone}", "classification")
ENTRIES = list[GalleryTemplate]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "tones.csv"
    path.write_text("phrase,tone\n" + "".join(f"Phrase {at},tone {at % 3}\n" for at in range(20)))
    return path


@pytest.fixture(scope="module")
def dataset(studio: Studio, source: Path) -> Dataset:
    client = studio.client
    job = client.post("/api/datasets", AddDataset(str(source), template=FIELDS), Job)
    return ended(client, job)


def ended(client: EngineClient, job: Job) -> Dataset:
    done = client.wait_for_job(job.id)
    assert done.state is JobState.DONE, done.problem
    return client.get(f"/api/datasets/{done.subject}", Dataset)


def text_of(view: TokenView, *, loss: bool | None = None) -> str:
    return "".join(token.text for token in view.tokens if loss in (None, token.loss))


def test_a_row_is_shown_through_the_datasets_template(studio: Studio, dataset: Dataset) -> None:
    path = f"/api/datasets/{dataset.id}/rows/1/tokens?base={studio.base.id}"
    view = studio.client.get(path, TokenView)
    assert view.template == "Tones"
    assert text_of(view) == "<|user|>Phrase 0<|assistant|>tone 0<|im_end|>"
    assert text_of(view, loss=True) == "tone 0<|im_end|>"
    cut = studio.client.get(f"{path}&max_length=10", TokenView)
    assert cut.tokens + cut.cut_tokens == view.tokens


def preview(studio: Studio, dataset: Dataset, template: Template | None, **more: Any) -> TokenView:
    body = {"base": studio.base.id, "template": template, **more}
    return studio.client.post(f"/api/datasets/{dataset.id}/rows/2/tokens", body, TokenView)


def test_a_template_is_tried_before_it_is_saved(studio: Studio, dataset: Dataset) -> None:
    draft = Template("Draft", "fields", "{user}\n[[{assistant}]]\n")
    view = preview(studio, dataset, draft, max_length=12)
    assert view.template == "Draft"
    assert text_of(view) + "".join(each.text for each in view.cut_tokens) == "Phrase 1\ntone 1\n"
    jinja = Template("J", "jinja", "{{ phrase }}{% generation %}{{ tone }}{% endgeneration %}")
    assert text_of(preview(studio, dataset, jinja), loss=True) == "tone 1"
    assert preview(studio, dataset, None).template == "ChatML template"
    again = studio.client.get(f"/api/datasets/{dataset.id}", Dataset)
    assert again.template == dataset.template  # nothing was saved


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (Template("x", "fields", "{phrase}\n{mood}"), "Line 2 .* no column 'mood'"),
        (Template("x", "jinja", "{{ phrase }}\n\n{% if %}"), "Line 3 .* Expected an expression"),
        (Template("x", "jinja", "{{ phrase }}"), "not marked"),
        (
            Template("x", "jinja", "{{ ''.__class__ }}{% generation %}{% endgeneration %}"),
            "Row 2 .* unsafe",
        ),
        (
            Template(
                "x",
                "jinja",
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
                "{% generation %}{% endgeneration %}",
            ),
            "steps",
        ),
    ],
)
def test_a_faulty_template_is_a_refusal_with_its_line(
    studio: Studio, dataset: Dataset, template: Template, reason: str
) -> None:
    with pytest.raises(Refused, match=reason) as caught:
        preview(studio, dataset, template)
    assert caught.value.status == 422
    assert preview(studio, dataset, FIELDS).template == "Tones"  # the worker goes on


@pytest.mark.parametrize(
    "body",
    [
        {"template": {"name": "x", "syntax": "mustache", "text": "{a}"}},
        {"template": {"name": "x", "syntax": "fields", "text": ""}},
        {"template": {"name": "x", "syntax": "fields", "text": "{a}" * 40_000}},
        {"max_length": 0},
        {"base": 5},
    ],
)
def test_a_preview_that_makes_no_sense_is_refused(
    studio: Studio, dataset: Dataset, body: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as caught:
        studio.client.post(
            f"/api/datasets/{dataset.id}/rows/1/tokens", {"base": studio.base.id} | body, TokenView
        )
    assert caught.value.status == 422


def test_another_template_is_another_version_and_so_is_none(
    studio: Studio, dataset: Dataset
) -> None:
    client, path = studio.client, f"/api/datasets/{dataset.id}"
    other = Template("Other", "fields", "{phrase} = {tone}")
    second = ended(client, client.patch(path, {"template": other}, Job))
    assert (second.version, second.template and second.template.name) == (2, "Other")
    kept = ended(client, client.patch(path, {"split": {"seed": 7}}, Job))
    assert (kept.version, kept.template) == (3, second.template)
    own = ended(client, client.patch(path, {"template": None}, Job))
    assert (own.version, own.template) == (4, None)
    tokens = f"{path}/tokens?base={studio.base.id}"
    client.send("GET", tokens)  # has them counted
    for job in client.state().jobs:
        client.wait_for_job(job.id)
    stats = client.get(tokens, TokenStats)
    view = client.get(f"{path}/rows/1/tokens?base={studio.base.id}", TokenView)
    assert (stats.version, view.template) == (4, "ChatML template")
    wrong = client.patch(path, {"template": Template("x", "fields", "{phrase} {mood}")}, Job)
    failed = client.wait_for_job(wrong.id)
    assert failed.state is JobState.FAILED
    assert failed.problem is not None
    assert "no column 'mood'" in failed.problem.message
    kept = client.get(path, Dataset)
    assert (kept.version, kept.template, kept.sha256) == (4, None, own.sha256)


def test_the_persons_own_templates_come_and_go_and_come_back(studio: Studio) -> None:
    client = studio.client
    mine = Template("Mine & yours", "fields", "{a} {b}")
    path = f"/api/templates/{quote(mine.name)}"
    before = client.get("/api/templates", ENTRIES)
    assert all(not entry.own for entry in before)
    saved = client.put(path, mine, GalleryTemplate)
    assert saved == GalleryTemplate(mine, own=True)
    assert len(client.get("/api/templates", ENTRIES)) == len(before) + 1
    undo = client.delete(path, dict[str, str])["undo"]
    assert client.get("/api/templates", ENTRIES) == before
    client.send("POST", f"/api/trash/{undo}/restore")
    assert saved in client.get("/api/templates", ENTRIES)
    client.delete(path, dict[str, str])
    with pytest.raises(Refused) as caught:
        client.delete(path, dict[str, str])
    assert caught.value.status == 404
    with pytest.raises(Refused, match="comes with the application"):
        client.put("/api/templates/Alpaca", Template("Alpaca", "fields", "{a}"), GalleryTemplate)


def run(studio: Studio, *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", *arguments],
        env={**os.environ, "ADAPTER_STUDIO_HOME": str(studio.client.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout or done.stderr


def test_the_command_line_takes_a_file_or_a_gallerys_name(
    studio: Studio, source: Path, tmp_path: Path
) -> None:
    assert "Alpaca without input" in run(studio, "datasets", "templates")
    listed = msgspec.json.decode(run(studio, "datasets", "templates", "--json"), type=ENTRIES)
    assert len(listed) >= 10
    own = tmp_path / "mine.jinja"
    own.write_text("{{ phrase }}: {% generation %}{{ tone }}{% endgeneration %}\n")
    for name, template in (("one", "text and label"), ("two", str(own))):
        run(studio, "datasets", "add", str(source), "--name", name, "--template", template)
    found = {each.name: each.template for each in studio.client.state().datasets}
    assert found["one"] is not None
    assert found["two"] is not None
    assert (found["one"].name, found["one"].columns) == (
        "Text and label",
        {"user": "phrase", "assistant": "tone"},
    )
    assert (found["two"].name, found["two"].syntax) == ("mine", "jinja")
    assert "Text and label" in run(studio, "datasets", "show", "one")
    error = run(studio, "datasets", "add", str(source), "--template", "nowhere", status=1)
    assert "no template 'nowhere'" in error
