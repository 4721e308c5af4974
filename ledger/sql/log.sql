-- The only way into the log. Installed per schema by ledger/sql/__init__.py, which puts the
-- schema in: each function pins its own and runs as the owner of the tables.

CREATE OR REPLACE FUNCTION {schema}.ledger_open(p_log_id text, p_origin text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO ledger_head (id, log_id, origin, size, peaks, root)
    VALUES (1, p_log_id, p_origin, 0, ''::bytea, sha256(''::bytea))
    ON CONFLICT (id) DO NOTHING;
$$;

-- The items of a batch entry, once, in the transaction that appended it or later. Beside an entry whose
-- leaf has none (a tape's are the entries that follow it) they would be nobody's, and some are never erased.
CREATE OR REPLACE FUNCTION {schema}.ledger_put_items(
    p_index bigint, p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF p_ciphertext IS NULL OR p_wrapped_key IS NULL THEN
        RAISE EXCEPTION 'items have a ciphertext and a wrapped key';
    END IF;
    IF EXISTS (SELECT FROM ledger_entry WHERE index = p_index AND (kind = 'tape.imported'
            OR convert_from(leaf, 'UTF8')::jsonb -> 'items_root' IS NULL)) THEN
        RAISE EXCEPTION 'entry % has no items', p_index USING ERRCODE = 'check_violation';
    END IF;
    PERFORM ledger_hold_kek(ARRAY[p_kek_version]);
    INSERT INTO ledger_items (index, ciphertext, wrapped_key, kek_version)
        SELECT index, p_ciphertext, p_wrapped_key, p_kek_version
        FROM ledger_entry WHERE index = p_index;
END $$;

-- Root of the first p_size entries, from the stored nodes.
CREATE OR REPLACE FUNCTION {schema}.ledger_root_at(p_size bigint)
RETURNS bytea LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    rest bigint := p_size;
    node bytea;
    peak bytea;
    level integer := 0;
    size bigint := (SELECT h.size FROM ledger_head AS h);
BEGIN
    IF (p_size BETWEEN 0 AND size) IS NOT TRUE THEN
        RAISE EXCEPTION 'the log of % entries has no tree of %', size, coalesce(p_size::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    WHILE rest > 0 LOOP
        IF rest & 1 = 1 THEN
            SELECT substring(nodes FROM 32 * level + 1 FOR 32) INTO STRICT peak
                FROM ledger_entry WHERE index = (rest << level) - 1;
            node := CASE WHEN node IS NULL THEN peak
                ELSE sha256('\x01'::bytea || peak || node) END;
        END IF;
        rest := rest >> 1;
        level := level + 1;
    END LOOP;
    RETURN coalesce(node, sha256(''::bytea));
END $$;

-- Compare and swap: stores a signed checkpoint of a tree that this log has, newer than all others.
-- Who signed the note is for its readers to say; what it says is looked at here. Who finds that the
-- newest note is nobody's of this log (`p_foreign`) puts a signed one in its place, and both are kept.
-- Where the log's key changes also below newer ones: without that checkpoint nothing is signed on, and
-- no export of the log leads from the old key to the new one.
DROP FUNCTION IF EXISTS {schema}.ledger_seal(bigint, bytea, bytea, timestamptz);
CREATE OR REPLACE FUNCTION {schema}.ledger_seal(
    p_size bigint, p_root bytea, p_note bytea, p_at timestamptz, p_foreign bytea DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    head ledger_head;
BEGIN
    PERFORM ledger_take_turn();
    SELECT * INTO STRICT head FROM ledger_head WHERE id = 1 FOR UPDATE;
    IF p_size > head.size OR p_root <> ledger_root_at(p_size)
        OR EXISTS (SELECT FROM ledger_checkpoint WHERE size = p_size
            AND (note IS DISTINCT FROM p_foreign OR note = p_note))
        OR EXISTS (SELECT FROM ledger_checkpoint WHERE size > p_size) AND NOT EXISTS (
            SELECT FROM ledger_entry WHERE index = p_size - 1 AND kind = 'log.key_rotated') THEN
        RETURN false;
    END IF;
    IF p_size = 0 OR position(convert_to(concat(head.origin, E'\n', p_size, E'\n',
            encode(p_root, 'base64'), E'\n'), 'UTF8') IN p_note) <> 1 THEN
        RAISE EXCEPTION 'the note is not of this tree' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_replaced_note (size, note, sealed_at, replaced_at)
        SELECT size, note, sealed_at, p_at FROM ledger_checkpoint WHERE size = p_size;
    INSERT INTO ledger_checkpoint (size, root, note, sealed_at)
        VALUES (p_size, p_root, p_note, p_at)
        ON CONFLICT (size) DO UPDATE SET note = p_note, sealed_at = p_at;
    RETURN true;
END $$;

-- The newest note, and that of a change of the log's key, gives way to another of the same tree once
-- it is kept aside; nothing else of a checkpoint ever changes.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_checkpoint()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.size = OLD.size AND NEW.root = OLD.root AND NEW.note <> OLD.note
        AND (NOT EXISTS (SELECT FROM ledger_checkpoint WHERE size > OLD.size) OR EXISTS (
            SELECT FROM ledger_entry WHERE index = OLD.size - 1 AND kind = 'log.key_rotated'))
        AND EXISTS (SELECT FROM ledger_replaced_note WHERE size = OLD.size AND note = OLD.note) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: UPDATE on ledger_checkpoint is refused'
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Crypto-shredding: the data keys and ciphertexts go, the entry and every proof stay. With them goes the
-- same record in the queue, which came by both ways at once: refused, and readable.
CREATE OR REPLACE FUNCTION {schema}.ledger_erase(p_index bigint, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    done boolean;
    twins bigint[] := ARRAY(SELECT p.seq FROM ledger_pending AS p
        JOIN ledger_entry AS e USING (rid, kind, ts) WHERE e.index = p_index);
BEGIN
    IF cardinality(twins) > 0 THEN
        PERFORM ledger_take_turn();  -- before their locks: a drainer takes them at the head
    END IF;
    -- who may sign, and what was erased: no export of the log proves without (core.erasures.SHOWN)
    IF EXISTS (SELECT FROM ledger_entry WHERE index = p_index AND (
        left(kind, 7) = 'device.'
            OR kind IN ('log.key_rotated', 'log.resumed', 'payload.erased', 'registry.root')
    )) THEN
        RAISE EXCEPTION 'entry % is shown to everybody and cannot be erased', p_index
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE ledger_payload SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
    done := FOUND;
    UPDATE ledger_items SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
    IF done AND cardinality(twins) > 0 THEN
        DELETE FROM ledger_pending WHERE seq = ANY (twins);
        DELETE FROM ledger_former_key WHERE holder = 'ledger_pending' AND place = ANY (twins);
    END IF;
    RETURN done;
END $$;

-- What no grant can be trusted to hold back alone: triggers bind the owner's slips too.
CREATE OR REPLACE FUNCTION {schema}.ledger_refuse()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- A content is erased once, or its data key wrapped anew under a newer version; nothing else of its
-- row ever changes. The version is held open, as for what is written.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_sealed()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    is_erasing boolean := OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
        AND NEW.ciphertext IS NULL AND NEW.wrapped_key IS NULL;
    is_rewrapping boolean := NEW.kek_version > OLD.kek_version AND NEW.wrapped_key IS NOT NULL
        AND NEW.wrapped_key <> OLD.wrapped_key;
BEGIN
    IF is_erasing THEN
        OLD.ciphertext := NULL;
        OLD.wrapped_key := NULL;
        OLD.erased_at := NEW.erased_at;
    ELSIF is_rewrapping THEN
        PERFORM ledger_hold_kek(ARRAY[NEW.kek_version]);
        OLD.wrapped_key := NEW.wrapped_key;
        OLD.kek_version := NEW.kek_version;
    END IF;
    IF (is_erasing OR is_rewrapping) AND NEW = OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a payload is erased or its key wrapped anew, never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Rows come in by this schema's own functions, which put them where the head says that the log is:
-- they are known by the search path that each of them pins.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_way()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rows come into % by ledger_append alone', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
