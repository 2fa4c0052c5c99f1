"""Pages, or parts of them, that are gathered from the sections: bank, exam, cards, sheet, traps, reference."""
