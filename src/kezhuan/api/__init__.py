"""The REST face: one set of routes for every kind of record, problem documents, cursor paging, an OpenAPI document."""
