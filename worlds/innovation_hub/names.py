"""Titles of the spaces, by id: the signs above portals and the texts of their alternatives."""
from .kit import text

TITLES = {
    "foyer": text("Foyer", "Foyer"),
    "shared-office": text("Gemeinschaftsbüro", "Shared office"),
    "showroom": text("Schauraum", "Showroom"),
    "innovation-lab": text("Innovationslabor", "Innovation lab"),
    "event-hall": text("Veranstaltungshalle", "Event hall"),
    "training-1": text("Schulungsraum 1: Lernstudio", "Training room 1: study studio"),
    "training-2": text("Schulungsraum 2: Dialograum", "Training room 2: dialogue room"),
    "training-3": text("Schulungsraum 3: Tribüne", "Training room 3: terraced room"),
    "living-lab": text("Reallabor", "Living lab"),
}
