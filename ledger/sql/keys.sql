-- The life of the keys that wrap others: taken into use, rotated, closed, destroyed.

-- A transaction that writes under these versions keeps them until it ends: who closes a version
-- waits for it. A version that is closed or gone takes nothing new.
CREATE OR REPLACE FUNCTION {schema}.ledger_hold_kek(p_versions integer[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    held integer;
BEGIN
    PERFORM ledger_see_newest();
    FOR held IN SELECT DISTINCT v FROM unnest(p_versions) AS v ORDER BY v LOOP
        PERFORM pg_advisory_xact_lock_shared('ledger_kek'::regclass::oid::integer, held);
        IF NOT EXISTS (SELECT FROM ledger_kek WHERE version = held AND closed_at IS NULL) THEN
            RAISE EXCEPTION 'the key-encryption key of version % was retired; try again', held
                USING ERRCODE = 'serialization_failure';
        END IF;
    END LOOP;
END $$;

-- As above, for what moves within the schema and was written under these versions while they were
-- open: they may be closed, and are kept from being destroyed.
CREATE OR REPLACE FUNCTION {schema}.ledger_keep_kek(p_versions integer[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held integer;
BEGIN
    PERFORM ledger_see_newest();
    FOR held IN SELECT DISTINCT v FROM unnest(p_versions) AS v ORDER BY v LOOP
        PERFORM pg_advisory_xact_lock_shared('ledger_kek'::regclass::oid::integer, held);
        IF NOT EXISTS (SELECT FROM ledger_kek WHERE version = held) THEN
            RAISE EXCEPTION 'the key-encryption key of version % is gone', held
                USING ERRCODE = 'serialization_failure';
        END IF;
    END LOOP;
END $$;

-- Tables that the served role writes itself hold their versions by this trigger.
CREATE OR REPLACE FUNCTION {schema}.ledger_hold_fresh()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_hold_kek(ARRAY(SELECT DISTINCT kek_version FROM fresh));
    RETURN NULL;
END $$;

-- A version older than the newest takes nothing new from the moment this commits.
CREATE OR REPLACE FUNCTION {schema}.ledger_close_kek(p_version integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_see_newest();
    PERFORM pg_advisory_xact_lock('ledger_kek'::regclass::oid::integer, p_version);
    UPDATE ledger_kek SET closed_at = coalesce(closed_at, now())
        WHERE version = p_version AND version < (SELECT max(version) FROM ledger_kek);
    RETURN FOUND;
END $$;

-- Destroys a closed version. Every table that has a column kek_version is asked, whoever made it;
-- the name of the first that needs the version is answered, and then nothing is destroyed.
CREATE OR REPLACE FUNCTION {schema}.ledger_retire_kek(p_version integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    asked text;
    needed boolean;
BEGIN
    PERFORM ledger_see_newest();
    -- nothing moves from a table that is asked later to one that was asked before
    PERFORM pg_advisory_xact_lock('ledger_kek'::regclass::oid::integer, p_version);
    IF NOT EXISTS (SELECT FROM ledger_kek WHERE version = p_version AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'only a closed key-encryption key is retired';
    END IF;
    FOR asked IN SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = (
                SELECT relnamespace FROM pg_class WHERE oid = 'ledger_kek'::regclass)
            AND c.relkind IN ('r', 'p') AND a.attname = 'kek_version' AND NOT a.attisdropped
            ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE kek_version = $1 '
            'AND wrapped_key IS NOT NULL)', asked) INTO needed USING p_version;
        IF needed THEN
            RETURN asked;
        END IF;
    END LOOP;
    DELETE FROM ledger_former_key WHERE holder = 'ledger_kek' AND place = p_version;
    DELETE FROM ledger_kek WHERE version = p_version;
    RETURN NULL;
END $$;

-- Nobody here can tell whether a data key that is wrapped anew is the one that it was. So what wrapped
-- it before is kept, under the version that opens it, until the owner says that the new one opens
-- (`ledger_forget_former`): who serves destroys no content by wrapping garbage. What is erased is erased
-- with all that ever wrapped its key. For tables with a numbered key, named in the trigger.
CREATE OR REPLACE FUNCTION {schema}.ledger_keep_former()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gone) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('DELETE FROM ledger_former_key AS f USING fresh AS n'
        ' WHERE f.holder = %1$L AND f.place = n.%2$I AND n.wrapped_key IS NULL',
        TG_TABLE_NAME, TG_ARGV[0]);
    EXECUTE format('INSERT INTO ledger_former_key (holder, place, kek_version, wrapped_key)'
        ' SELECT %1$L, n.%2$I, o.kek_version, o.wrapped_key FROM gone AS o JOIN fresh AS n'
        ' ON n.%2$I = o.%2$I WHERE n.wrapped_key <> o.wrapped_key ORDER BY n.%2$I',
        TG_TABLE_NAME, TG_ARGV[0]);
    RETURN NULL;
END $$;

-- As above, of the keys that wrap data keys: what the root key wrapped before.
CREATE OR REPLACE FUNCTION {schema}.ledger_keep_former_kek()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    INSERT INTO ledger_former_key (holder, place, wrapped_key)
        SELECT 'ledger_kek', o.version, o.wrapped FROM gone AS o JOIN fresh AS n USING (version)
        WHERE n.wrapped <> o.wrapped;
    RETURN NULL;
END $$;

-- For the owner alone, who opened what wraps these data keys now.
CREATE OR REPLACE FUNCTION {schema}.ledger_forget_former(p_ids bigint[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DELETE FROM ledger_former_key WHERE id = ANY (p_ids);
$$;

-- The same data keys under a newer version; a row that was erased or is newer meanwhile stays.
CREATE OR REPLACE FUNCTION {schema}.ledger_rewrap(
    p_indexes bigint[], p_wrapped_keys bytea[], p_kek_version integer, p_items boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_hold_kek(ARRAY[p_kek_version]);
    IF p_items THEN
        UPDATE ledger_items AS s SET wrapped_key = t.wrapped, kek_version = p_kek_version
            FROM unnest(p_indexes, p_wrapped_keys) AS t(index, wrapped)
            WHERE s.index = t.index AND s.erased_at IS NULL AND s.kek_version < p_kek_version;
    ELSE
        UPDATE ledger_payload AS s SET wrapped_key = t.wrapped, kek_version = p_kek_version
            FROM unnest(p_indexes, p_wrapped_keys) AS t(index, wrapped)
            WHERE s.index = t.index AND s.erased_at IS NULL AND s.kek_version < p_kek_version;
    END IF;
END $$;

-- As above, for entries that wait. Takes its turn at the head: a drainer moves the same rows.
CREATE OR REPLACE FUNCTION {schema}.ledger_rewrap_pending(
    p_seqs bigint[], p_wrapped_keys bytea[], p_kek_version integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_hold_kek(ARRAY[p_kek_version]);
    PERFORM ledger_take_turn();
    UPDATE ledger_pending AS s SET wrapped_key = t.wrapped, kek_version = p_kek_version
        FROM unnest(p_seqs, p_wrapped_keys) AS t(seq, wrapped)
        WHERE s.seq = t.seq AND s.kek_version < p_kek_version;
END $$;

-- The root key. Who wraps something by it holds it until that is stored; who moves what it wraps to
-- a newer one waits for them. One row at a time, and only the one that was read.
CREATE OR REPLACE FUNCTION {schema}.ledger_hold_root()
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT ledger_see_newest();
    SELECT pg_advisory_xact_lock_shared('ledger_secret'::regclass::oid::bigint);
$$;

CREATE OR REPLACE FUNCTION {schema}.ledger_await_root()
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT ledger_see_newest();
    SELECT pg_advisory_xact_lock('ledger_secret'::regclass::oid::bigint);
$$;

CREATE OR REPLACE FUNCTION {schema}.ledger_rewrap_kek(
    p_version integer, p_old bytea, p_new bytea)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    UPDATE ledger_kek SET wrapped = p_new WHERE version = p_version AND wrapped = p_old;
$$;

CREATE OR REPLACE FUNCTION {schema}.ledger_rewrap_secret(
    p_name text, p_old bytea, p_new bytea)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    UPDATE ledger_secret SET wrapped = p_new WHERE name = p_name AND wrapped = p_old;
$$;

-- A private half that is not used any more.
CREATE OR REPLACE FUNCTION {schema}.ledger_drop_secret(p_name text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DELETE FROM ledger_secret WHERE name = p_name;
$$;

-- A signing key is approved once and revoked once, and never comes back; nothing else changes.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_key()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    moving text[] := ARRAY['state', 'approved_at', 'revoked_at'];
BEGIN
    IF (OLD.state, NEW.state) IN (
            ('pending', 'approved'), ('pending', 'revoked'), ('approved', 'revoked'))
        AND (NEW.state = 'revoked') = (NEW.revoked_at IS NOT NULL)
        AND (NEW.approved_at IS NOT DISTINCT FROM OLD.approved_at OR NEW.state = 'approved')
        AND to_jsonb(NEW) - moving = to_jsonb(OLD) - moving THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signing key is approved and revoked, once, and never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
