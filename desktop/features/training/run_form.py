"""The settings of a new run: what, how, how much. Kept in the draft at every change."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.base_at_hand import base_at_hand
from desktop.features.training.draft import CUSTOM, Draft
from desktop.features.training.forecasts import Forecasts
from desktop.features.training.hints import hints
from desktop.features.training.labelled import Labelled
from desktop.features.training.method_table import MethodTable
from desktop.features.training.preset_cards import PresetCards
from desktop.features.training.record_combo import Entry, RecordCombo
from desktop.features.training.spec_values import (
    SET_BY_PAGE,
    kind_in,
    known_settings,
    method_part,
    spec_with,
)
from desktop.workbench.form import SpecForm
from engine.protocol.method_specs import method_of, short_name_of
from engine.protocol.options import Value
from engine.protocol.presets import (
    FRESH,
    METHOD,
    preset_kind,
    preset_like,
    preset_rate,
    preset_spec,
    settings_of,
    with_method,
)
from engine.protocol.records import BaseModel, Dataset, ModelStatus
from engine.protocol.specs import Preset, TrainSpec

USUAL = "balanced"
STATUS = {ModelStatus.PREPARING: "being prepared", ModelStatus.MISSING: "its folder is missing"}


class RunForm(QWidget):
    changed = Signal()

    def __init__(self, app: App, draft: Draft) -> None:
        super().__init__()
        self._app, self._draft = app, draft
        self._writing = False
        theme = app.theme
        self.base = RecordCombo(theme, "Base model", "package", "accent")
        self.dataset = RecordCombo(theme, "Dataset", "database", "teal")
        self._base_field = Labelled(theme, "Base model", self.base)
        self._dataset_field = Labelled(theme, "Dataset", self.dataset)
        self.methods = MethodTable(theme)
        self.presets = PresetCards(theme)
        self.form = SpecForm(theme, FRESH, leave_out=SET_BY_PAGE)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.name.setMaxLength(120)
        self.name.setAcceptDrops(False)  # a file dropped on it is for the page
        self._name_field = Labelled(theme, "Name", self.name, "Name of the adapter")
        self._lay_out()
        self.base.picked.connect(lambda id: self._pick("base", "model", id))
        self.dataset.picked.connect(lambda id: self._pick("dataset", "dataset", id))
        self.methods.chosen.connect(self.choose_method)
        self.presets.chosen.connect(self.apply_preset)
        self.form.changed.connect(self._on_edit)
        self.name.textEdited.connect(lambda text: self._write(name=text))
        draft.changed.connect(self._on_draft)
        app.store.models_changed.connect(self._fill)
        app.store.datasets_changed.connect(self._fill)
        app.store.presets_changed.connect(self._on_presets)
        self._load()

    def _lay_out(self) -> None:
        records = QHBoxLayout()
        records.setSpacing(16)
        records.addWidget(self._base_field, 1)
        records.addWidget(self._dataset_field, 1)
        name_row = QHBoxLayout()
        name_row.setSpacing(16)
        name_row.addWidget(self._name_field, 1)
        for _ in range(2):
            name_row.addWidget(QWidget(), 1)
        fields = self.form.layout()
        assert isinstance(fields, QVBoxLayout)
        fields.insertLayout(1, name_row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(24)
        column.addLayout(records)
        column.addWidget(self.methods)
        column.addWidget(self.presets)
        column.addWidget(self.form)

    # What it holds.

    def spec(self) -> TrainSpec | None:
        """None while a field is out of its bounds."""
        if not self.form.valid():
            return None
        draft = self._draft
        start = TrainSpec(base=draft.base, dataset=draft.dataset, name=draft.name.strip(),
                          preset=draft.preset or CUSTOM)  # fmt: skip
        return spec_with(start, self.settings())

    def settings(self) -> dict[str, Value]:
        """As typed: may be out of bounds."""
        return {METHOD: self.methods.selected, **self.form.values()}

    def preset_specs(self) -> dict[str, TrainSpec]:
        """What each preset would do with this base and dataset."""
        start = TrainSpec(base=self._draft.base, dataset=self._draft.dataset)
        kind = self.methods.selected
        return {
            preset.id: preset_spec(
                start, preset, preset_kind(preset) if METHOD in preset.values else kind
            )
            for preset in self._app.store.presets
        }

    def method_specs(self) -> dict[str, TrainSpec]:
        """What each method would do with these settings; none while one is out of its bounds."""
        start = TrainSpec(base=self._draft.base, dataset=self._draft.dataset)
        made = {kind: spec_with(start, self._taken_to(kind)) for kind in self.methods.rows}
        return {kind: spec for kind, spec in made.items() if spec is not None}

    def _taken_to(self, kind: str) -> dict[str, Value]:
        """These settings with another method."""
        settings = self.settings()
        if kind == kind_in(settings):
            return settings
        before = self._draft.before.get(kind, {})
        return with_method(settings, kind, preset=self._origin(), before=before)

    def _origin(self) -> Preset | None:
        """The preset that the settings are, or once were."""
        draft = self._draft
        return self._preset(draft.origin if draft.preset == CUSTOM else draft.preset)

    def focus_first_error(self) -> bool:
        """True when something is missing or wrong; the focus is on it then."""
        store, draft = self._app.store, self._draft
        no_base, no_data = draft.base not in store.models, draft.dataset not in store.datasets
        self._base_field.show_error("Choose a base model." if no_base else "")
        self.base.set_bad(no_base)
        self._dataset_field.show_error("Choose a dataset." if no_data else "")
        self.dataset.set_bad(no_data)
        if no_base or no_data:
            (self.base if no_base else self.dataset).setFocus()
            return True
        if self._name_error():
            self.name.setFocus()
            return True
        return self.form.focus_first_error()

    def show_costs(self, costs: Forecasts) -> None:
        """Hints say what the settings lead to."""
        dataset = self._app.store.datasets.get(self._draft.dataset)
        forecast = costs.latest[0] if costs.latest else None
        settings = self.settings()
        texts = hints(
            settings,
            dataset=dataset,
            forecast=forecast,
            stats=costs.stats,
            rate=preset_rate(self._origin(), kind_in(settings)),
        )
        for path, text in texts.items():
            self.form.set_hint(path, text)

    # From the person to the draft.

    def apply_preset(self, id: str) -> None:
        """For the method that is chosen, unless the preset has one of its own."""
        preset = self._preset(id)
        if preset is not None:
            kind = preset_kind(preset) if METHOD in preset.values else self.methods.selected
            values = settings_of(preset_spec(FRESH, preset, kind))
            self._draft.put(preset=id, origin="", values=values, before={})

    def choose_method(self, kind: str) -> None:
        """What was typed for the method before is kept and comes back with it."""
        shown = {**self.form.values(), METHOD: kind_in(self._draft.values)}
        before = {**self._draft.before, kind_in(shown): method_part(shown)}
        values = with_method(
            shown, kind, preset=self._origin(), before=self._draft.before.get(kind, {})
        )
        self._put_settings(values, before=before)

    def _put_settings(self, values: dict[str, Value], **more: object) -> None:
        """With the preset that has exactly these, or Custom and the one they came from."""
        like = preset_like(values, self._app.store.presets)
        origin = self._origin()
        id = origin.id if origin is not None else ""
        self._draft.put(values=values, preset=like or CUSTOM, origin="" if like else id, **more)

    def _preset(self, id: str) -> Preset | None:
        return next((each for each in self._app.store.presets if each.id == id), None)

    def _on_edit(self) -> None:
        self._writing = True
        self._put_settings(self.settings())
        self._writing = False
        self._show_name()
        self.changed.emit()
        self.presets.select(self._draft.preset, self._draft.origin)

    def _pick(self, part: str, kind: str, id: str) -> None:
        self._app.selection.set(kind, id)
        self._draft.put(**{part: id})

    def _write(self, **values: object) -> None:
        self._writing = True
        self._draft.put(**values)
        self._writing = False
        self._show_name()
        self.changed.emit()

    # From the draft to the person.

    def _on_draft(self) -> None:
        if not self._writing and self._draft.exists:
            self._load()

    def _load(self) -> None:
        draft = self._draft
        self.presets.set_presets(self._app.store.presets)
        if not draft.preset and self._app.store.presets:
            first = self._preset(USUAL) or self._app.store.presets[0]
            self.apply_preset(first.id)
            return
        values = known_settings(draft.values)
        kind = kind_in(values)
        self.methods.select(kind)
        self.form.set_kinds({METHOD: kind}, {METHOD: method_of(kind).title})
        self.form.set_values({**settings_of(preset_spec(FRESH, None, kind)), **values})
        self.presets.select(draft.preset, draft.origin)
        self._fill()

    def _on_presets(self) -> None:
        """One was saved, renamed or removed: the settings stay as they are."""
        draft = self._draft
        if draft.exists and draft.preset:
            like = preset_like(known_settings(draft.values), self._app.store.presets)
            self._draft.put(preset=like or CUSTOM, origin="" if like else draft.origin)
        self._load()

    def _fill(self, changed: object = None) -> None:
        """The combos; a base that is the only one is chosen for the person."""
        store, draft = self._app.store, self._draft
        if not draft.exists:
            return
        if draft.base not in store.models and store.models:
            usual = base_at_hand(store, self._app.selection)
            if usual is not None:
                self._draft.put(base=usual.id)
                return
        bases = sorted(store.models.values(), key=lambda model: model.name.casefold())
        datasets = sorted(store.datasets.values(), key=lambda each: each.name.casefold())
        self.base.placeholder = "Choose a base model" if bases else "No base model yet"
        reading = f"Reading {draft.reading}…" if draft.reading else ""
        self.dataset.placeholder = reading or (
            "Choose a dataset" if datasets else "Drop a file, or add one under Datasets"
        )
        self.base.set_entries([_base_entry(model) for model in bases], draft.base)
        self.dataset.set_entries([_dataset_entry(each) for each in datasets], draft.dataset)
        if draft.base in store.models:
            self._base_field.show_error("")
            self.base.set_bad(False)
        if draft.dataset in store.datasets:
            self._dataset_field.show_error("")
            self.dataset.set_bad(False)
        self._dataset_field.show_hint(_template_hint(store.datasets.get(draft.dataset)))
        self._show_name()
        self.changed.emit()

    def _show_name(self) -> None:
        draft = self._draft
        if self.name.text().strip() != draft.name.strip():
            self.name.setText(draft.name)
        dataset = self._app.store.datasets.get(draft.dataset)
        stem = Path(dataset.name).stem if dataset is not None else ""
        spec = self.spec()
        if spec is not None:
            short = short_name_of(spec.method)
            self.name.setPlaceholderText(f"{stem} {short}" if stem else "")
        self._name_field.show_error(self._name_error())

    def _name_error(self) -> str:
        name = self.name.text()
        if ":" in name or not name.isprintable():
            return "A name has no colon." if ":" in name else "A name is one plain line."
        return ""


def _base_entry(model: BaseModel) -> Entry:
    size = formatting.parameters(model.parameters) if model.parameters else ""
    return Entry(model.id, model.name, STATUS.get(model.status, size))


def _dataset_entry(dataset: Dataset) -> Entry:
    rows = f"{formatting.count(dataset.train_rows)} + {formatting.count(dataset.validation_rows)}"
    return Entry(dataset.id, dataset.name, f"{rows} rows")


def _template_hint(dataset: Dataset | None) -> str:
    template = dataset.template if dataset is not None else None
    return f"Template: {template.name}" if template is not None else ""
