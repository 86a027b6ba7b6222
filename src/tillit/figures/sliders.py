"""The model card to touch: sliders that move the model's guesses within their ranges, and the day that follows.

For a notebook with a kernel. Every slider stands on its published value and goes no further than its range, so what
can be seen here is what the studies leave open, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets as widgets

from tillit.engine.parameters import Parameter, ParameterTable, published
from tillit.engine.scenario import Scenario
from tillit.figures.what_if import draw_what_if, what_if, words_of

# What a reader may move: what nobody has measured for us, and of what was measured, nothing.
MOVABLE = ("guess", "ordering")
# These three add up to 1, so none of them moves alone.
TOGETHER = ("disclosure_ability_share", "disclosure_benevolence_share", "disclosure_integrity_share")
_NAME_WIDTH = "17rem"


class ModelCard:
    """Sliders for one scenario, by the name of the parameter. `widget` is what a notebook shows."""

    def __init__(self, scenario: Scenario, table: ParameterTable | None = None) -> None:
        self._table = table or published()
        self._scenario = scenario
        self.sliders = {
            row.name: _slider(row) for row in self._table.rows if row.kind in MOVABLE and row.name not in TOGETHER
        }
        self._drawn = widgets.HTML()
        self._said = widgets.HTML()
        self._words = ""
        back = widgets.Button(description="Back to the published numbers", layout={"width": "auto"})
        back.on_click(lambda _: self.reset())
        for slider in self.sliders.values():
            slider.observe(lambda _: self._show(), names="value")
        self._resetting = False
        rows = [_row(self._table[name], slider) for name, slider in self.sliders.items()]
        scrolled = widgets.VBox(rows, layout={"max_height": "22rem", "overflow": "auto"})
        self.widget = widgets.VBox([self._drawn, self._said, back, scrolled])
        self._show()

    @property
    def moved(self) -> Mapping[str, float]:
        """The parameters that have been moved, with their values."""
        return {name: slider.value for name, slider in self.sliders.items() if slider.value != self._table[name].value}

    @property
    def shown(self) -> tuple[str, str]:
        """What stands above the sliders: the drawing as HTML, and the sentence."""
        return self._drawn.value, self._words

    def reset(self) -> None:
        """Put every slider back, and draw once."""
        self._resetting = True
        for name, slider in self.sliders.items():
            slider.value = self._table[name].value
        self._resetting = False
        self._show()

    def _show(self) -> None:
        if self._resetting:
            return
        found = what_if(self._table, self._scenario, self.moved)
        self._drawn.value = draw_what_if(found)._repr_html_()
        self._words = words_of(found)
        self._said.value = f"<p role='status'>{escape(self._words)}</p>"


def _slider(row: Parameter) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value=row.value,
        min=row.low,
        max=row.high,
        step=(row.high - row.low) / 50,
        readout_format=".3g",
        continuous_update=False,  # a day is worked out anew each time
        description=row.name.replace("_", " "),
        style={"description_width": _NAME_WIDTH},
        layout={"width": "32rem"},
    )


def _row(row: Parameter, slider: widgets.FloatSlider) -> widgets.VBox:
    kind = "order known, size ours" if row.kind == "ordering" else "our guess"
    text = f"{row.note} ({kind}; {row.unit})"
    return widgets.VBox([slider, widgets.HTML(f"<small>{escape(text)}</small>")])


def model_card(scenario: Scenario) -> widgets.VBox:
    """The sliders for a scenario, to be the last line of a cell."""
    return ModelCard(scenario).widget
