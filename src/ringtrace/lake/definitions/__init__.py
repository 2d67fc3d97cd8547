"""Journeys and credit, defined once: Ibis expressions over unbound tables, compiled to the SQL of any engine.

Ibis is a compiler here and nothing more. The SQL that the product runs lies beside it (`duckdb/*.sql`): nothing that
only reads it (`shipped.py`) loads Ibis.
"""
