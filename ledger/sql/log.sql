-- The only way into the log. Installed per schema by ledger/sql/__init__.py, which puts the
-- schema in: each function pins its own and runs as the owner of the tables.

CREATE OR REPLACE FUNCTION {schema}.ledger_open(p_log_id text, p_origin text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO ledger_head (id, log_id, origin, size, peaks, root)
    VALUES (1, p_log_id, p_origin, 0, ''::bytea, sha256(''::bytea))
    ON CONFLICT (id) DO NOTHING;
$$;

-- Takes leaves in order, hashes them (RFC 6962), stores each with the nodes it completes, and
-- moves the head. Answers the index of the first. Holds the head's row lock until commit.
CREATE OR REPLACE FUNCTION {schema}.ledger_append(
    p_kinds text[], p_rids uuid[], p_stamps text[], p_kids text[], p_leaves bytea[],
    p_ciphertexts bytea[], p_wrapped_keys bytea[], p_kek_version integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    head ledger_head;
    peaks bytea[];
    nodes bytea[];
    node bytea;
    completed bytea;
    place bigint;
    depth integer;
    count integer := cardinality(p_leaves);
BEGIN
    IF count = 0 OR count <> ALL (ARRAY[cardinality(p_kinds), cardinality(p_rids),
            cardinality(p_stamps), cardinality(p_kids), cardinality(p_ciphertexts),
            cardinality(p_wrapped_keys)]) THEN
        RAISE EXCEPTION 'ledger_append takes columns of one length, at least one row';
    END IF;
    SELECT * INTO STRICT head FROM ledger_head WHERE id = 1 FOR UPDATE;
    depth := length(head.peaks) / 32;
    FOR k IN 1 .. depth LOOP
        peaks[k] := substring(head.peaks FROM 32 * k - 31 FOR 32);
    END LOOP;
    FOR k IN 1 .. count LOOP
        node := sha256('\x00'::bytea || p_leaves[k]);
        completed := node;
        place := head.size + k - 1;
        WHILE place & 1 = 1 LOOP
            node := sha256('\x01'::bytea || peaks[depth] || node);
            completed := completed || node;
            depth := depth - 1;
            place := place >> 1;
        END LOOP;
        depth := depth + 1;
        peaks[depth] := node;
        nodes[k] := completed;
    END LOOP;
    node := peaks[depth];
    completed := ''::bytea;
    FOR k IN REVERSE depth - 1 .. 1 LOOP
        node := sha256('\x01'::bytea || peaks[k] || node);
    END LOOP;
    FOR k IN 1 .. depth LOOP
        completed := completed || peaks[k];
    END LOOP;
    INSERT INTO ledger_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at)
        SELECT head.size + t.place - 1, t.kind, t.rid, t.ts, t.kid, t.leaf, t.node, now()
        FROM unnest(p_kinds, p_rids, p_stamps, p_kids, p_leaves, nodes)
            WITH ORDINALITY AS t(kind, rid, ts, kid, leaf, node, place);
    INSERT INTO ledger_payload (index, ciphertext, wrapped_key, kek_version)
        SELECT head.size + t.place - 1, t.ciphertext, t.wrapped_key, p_kek_version
        FROM unnest(p_ciphertexts, p_wrapped_keys)
            WITH ORDINALITY AS t(ciphertext, wrapped_key, place);
    UPDATE ledger_head SET size = head.size + count, peaks = completed, root = node WHERE id = 1;
    RETURN head.size;
END $$;

-- The items of a batch entry, once, in the transaction that appended it or later.
CREATE OR REPLACE FUNCTION {schema}.ledger_put_items(
    p_index bigint, p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO ledger_items (index, ciphertext, wrapped_key, kek_version)
    SELECT index, p_ciphertext, p_wrapped_key, p_kek_version
    FROM ledger_entry WHERE index = p_index;
$$;

-- Root of the first p_size entries, from the stored nodes.
CREATE OR REPLACE FUNCTION {schema}.ledger_root_at(p_size bigint)
RETURNS bytea LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    rest bigint := p_size;
    node bytea;
    peak bytea;
    level integer := 0;
BEGIN
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
CREATE OR REPLACE FUNCTION {schema}.ledger_seal(
    p_size bigint, p_root bytea, p_note bytea, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    head ledger_head;
BEGIN
    SELECT * INTO STRICT head FROM ledger_head WHERE id = 1 FOR UPDATE;
    IF p_size > head.size OR p_root <> ledger_root_at(p_size)
        OR EXISTS (SELECT FROM ledger_checkpoint WHERE size >= p_size) THEN
        RETURN false;
    END IF;
    INSERT INTO ledger_checkpoint (size, root, note, sealed_at) VALUES (p_size, p_root, p_note, p_at);
    RETURN true;
END $$;

-- Crypto-shredding: the data keys and ciphertexts go, the entry and every proof stay.
CREATE OR REPLACE FUNCTION {schema}.ledger_erase(p_index bigint, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    done boolean;
BEGIN
    UPDATE ledger_payload SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
    done := FOUND;
    UPDATE ledger_items SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
    RETURN done;
END $$;

-- Key rotation: the same data keys wrapped by a newer key-encryption key.
CREATE OR REPLACE FUNCTION {schema}.ledger_rewrap(
    p_indexes bigint[], p_wrapped_keys bytea[], p_kek_version integer, p_items boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF p_items THEN
        UPDATE ledger_items AS s SET wrapped_key = t.wrapped, kek_version = p_kek_version
            FROM unnest(p_indexes, p_wrapped_keys) AS t(index, wrapped)
            WHERE s.index = t.index AND s.erased_at IS NULL;
    ELSE
        UPDATE ledger_payload AS s SET wrapped_key = t.wrapped, kek_version = p_kek_version
            FROM unnest(p_indexes, p_wrapped_keys) AS t(index, wrapped)
            WHERE s.index = t.index AND s.erased_at IS NULL;
    END IF;
END $$;

-- What no grant can be trusted to hold back alone: triggers bind the owner's slips too.
CREATE OR REPLACE FUNCTION {schema}.ledger_refuse()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION {schema}.ledger_guard_sealed()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.index = OLD.index AND (
        (NEW.ciphertext = OLD.ciphertext AND NEW.wrapped_key IS NOT NULL AND NEW.erased_at IS NULL)
        OR (NEW.ciphertext IS NULL AND NEW.wrapped_key IS NULL AND NEW.erased_at IS NOT NULL
            AND OLD.erased_at IS NULL)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a payload is erased or its key wrapped anew, never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
