"""Bibliography labels as the text cites them: the first authors and the year."""

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style
from pybtex.style.labels import BaseLabelStyle


class AuthorYear(BaseLabelStyle):
    """`Hoffmann et al., 2022`, with a letter where two entries would share a label."""

    def format_labels(self, sorted_entries):
        """Yield one label an entry."""
        labels = [f"{self.names(entry)}, {entry.fields.get('year', 'n.d.')}" for entry in sorted_entries]
        for place, label in enumerate(labels):
            same = [other for other, text in enumerate(labels) if text == label]
            yield label + (chr(ord("a") + same.index(place)) if len(same) > 1 else "")

    @staticmethod
    def names(entry):
        """The family names that stand in the label."""
        persons = entry.persons.get("author") or entry.persons.get("editor") or []
        last = [" ".join([*person.prelast_names, *person.last_names]).strip("{}") for person in persons]
        if not last:
            return entry.fields.get("key") or entry.fields.get("title", entry.key)
        if len(last) == 1:
            return last[0]
        if len(last) == 2 and last[1] != "others":
            return f"{last[0]} and {last[1]}"
        return f"{last[0]} et al."


class AuthorYearStyle(Style):
    """The plain style with these labels, sorted by author and year."""

    default_label_style = AuthorYear

    def format_entry(self, label, entry, bib_data=None):
        """Leave out an address that says no more than the arXiv number beside it."""
        number = entry.fields.get("eprint")
        if number and number in entry.fields.get("url", ""):
            fields = {name: text for name, text in entry.fields.items() if name != "url"}
            key, entry = entry.key, Entry(entry.original_type, fields, entry.persons)
            entry.key = key
        return super().format_entry(label, entry, bib_data)


def setup(app):
    """Let _config.yml name the style."""
    register_plugin("pybtex.style.formatting", "author-year", AuthorYearStyle)
