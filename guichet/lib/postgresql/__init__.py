"""Django's PostgreSQL engine, whose connections wait for no answer for ever (`bounded`)."""
