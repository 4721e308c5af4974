-- Whose turn it is. All that is decided under a lock is decided by what was committed before the lock
-- was had: a transaction with an older snapshot would see a key open that was destroyed meanwhile, or
-- no other reason of a standstill.
CREATE OR REPLACE FUNCTION {schema}.ledger_see_newest()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the ledger is written at READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
END $$;

-- The turn at the head, until the transaction ends. Whoever is connected could hold this lock: nobody
-- connects but the owner and the served role (config/servers/database.py).
CREATE OR REPLACE FUNCTION {schema}.ledger_take_turn()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_see_newest();
    PERFORM pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint);
END $$;

