"""How much a dossier takes, told before anything is chosen."""

MIB = 1024 * 1024
FILE_LIMIT = 20 * MIB
DOSSIER_LIMIT = 100 * MIB
FILES_LIMIT = 100
PART_LIMIT = MIB
PART_ADVISED = 512 * 1024
# A plain form: what the dossier takes, and room for the words between the files.
REQUEST_LIMIT = DOSSIER_LIMIT + MIB
UPLOADS_AT_ONCE = 20
