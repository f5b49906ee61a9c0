"""Every statement by which somebody with a database session could try to rewrite the journal."""

COLUMNS = "seq, record_id, kind, actor_id, acting_for_id, at, data, backfilled, hash_name, hash"
FORGED = "NULL, 'test.forged', NULL, NULL, '2026-01-01 00:00:00+00:00', '{}', FALSE, 'sha256'"
SQLITE = {
    "update": "UPDATE kernel_entry SET kind = 'x' WHERE seq = 1",
    "update or replace": "UPDATE OR REPLACE kernel_entry SET seq = 2 WHERE seq = 1",
    "delete": "DELETE FROM kernel_entry WHERE seq = 1",
    "delete all": "DELETE FROM kernel_entry",
    "replace by number": f"INSERT OR REPLACE INTO kernel_entry ({COLUMNS}) VALUES (1, {FORGED}, 'h')",
    "replace into": f"REPLACE INTO kernel_entry ({COLUMNS}) VALUES (1, {FORGED}, 'h')",
    "replace by hash": f"INSERT OR REPLACE INTO kernel_entry ({COLUMNS})"
    f" SELECT 99, {FORGED}, hash FROM kernel_entry WHERE seq = 1",
    "replace by rowid": f"INSERT OR REPLACE INTO kernel_entry (rowid, {COLUMNS})"
    f" SELECT rowid, 99, {FORGED}, 'h' FROM kernel_entry WHERE seq = 1",
    "upsert": f"INSERT INTO kernel_entry ({COLUMNS}) VALUES (1, {FORGED}, 'h')"
    " ON CONFLICT (seq) DO UPDATE SET kind = 'x'",
}
POSTGRES = {
    "update": SQLITE["update"],
    "delete": SQLITE["delete"],
    "delete all": SQLITE["delete all"],
    "upsert": SQLITE["upsert"],
    "truncate": "TRUNCATE kernel_entry CASCADE",
    "update as a replica": "SET LOCAL session_replication_role = replica; UPDATE kernel_entry SET kind = 'x'",
    "merge": "MERGE INTO kernel_entry e USING (SELECT 1 AS seq) s ON e.seq = s.seq WHEN MATCHED THEN DELETE",
}
