"""The only SQL: tables, migrations, one module of statements a noun, leases. SQLite and PostgreSQL."""
