"""Prevention: a sheet per threat, practice sheets, a kit to print, announcements with a feed, a search over all of it.

Texts come from `diagnostic/content/prevention/` and from what an editor published in the admin; the rest of a sheet
comes from the published catalogue. A page reads memory, not the database (`kept`).
"""
