-- The only way into the log. Installed per schema by ledger/sql/__init__.py, which puts the
-- schema in: each function pins its own and runs as the owner of the tables.

CREATE OR REPLACE FUNCTION {schema}.ledger_open(p_log_id text, p_origin text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO ledger_head (id, log_id, origin, size, peaks, root)
    VALUES (1, p_log_id, p_origin, 0, ''::bytea, sha256(''::bytea))
    ON CONFLICT (id) DO NOTHING;
$$;

DROP FUNCTION IF EXISTS
    {schema}.ledger_check_leaves(text[], uuid[], text[], text[], bytea[]),
    {schema}.ledger_check_leaves(text[], uuid[], text[], text[], bytea[], bytea[], bytea[]),
    {schema}.ledger_write(text[], uuid[], text[], text[], bytea[], bytea[], bytea[], integer[]);

-- Whether a leaf is the record of its columns: JSON whose bytes are where core/leaves.py puts them
-- (names are sorted, so the last five end it). Whatever else a leaf may lack is for its readers to
-- name. Its names are resolved here and not by who calls, so that callers can fold it in.
CREATE OR REPLACE FUNCTION {schema}.ledger_is_record(
    p_kind text, p_rid uuid, p_ts text, p_kid text, p_leaf bytea, p_log_id text)
RETURNS boolean LANGUAGE sql STABLE
RETURN CASE WHEN length(p_leaf) <= 65535
    AND substring(p_leaf FROM length(p_leaf) - 97 - octet_length(p_log_id) - octet_length(p_ts)
            - octet_length(p_kind))
        = convert_to('"rid":"' || p_rid::text || '","tenant_log":"' || p_log_id || '","ts":"'
            || p_ts || '","type":"' || p_kind || '","v":"lease-leaf/1"}}', 'UTF8')
    AND position(convert_to(',"device":"' || p_kid || '",', 'UTF8') IN p_leaf) > 0
    THEN convert_from(p_leaf, 'UTF8') IS JSON OBJECT ELSE false END;

-- Takes hashed leaves in order, stores each with the nodes it completes, and moves the head.
-- Answers the index of the first. Holds the head's row lock until commit.
-- One statement a level of the tree, not one a leaf. Nobody may call it but its neighbours.
-- Everybody who wants the head queues at an advisory lock first: who waits at a row that is updated
-- again and again follows its versions one by one and queues at each (64 writers: a quarter of the
-- rate, five times the p99). The row's lock stays what counts.
CREATE OR REPLACE FUNCTION {schema}.ledger_write(
    p_kinds text[], p_rids uuid[], p_stamps text[], p_kids text[], p_leaves bytea[],
    p_hashes bytea, p_ciphertexts bytea[], p_wrapped_keys bytea[], p_kek_versions integer[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    head ledger_head;
    old bigint;
    new bigint;
    level integer := 0;
    here bytea := p_hashes;      -- the level's new nodes, 32 bytes each, left to right
    tree bytea := p_hashes;      -- all levels' new nodes, level 0 first
    places bigint[];             -- [level + 1]: where in tree node 0 of the level would stand
    peak bytea;
    new_peaks bytea := ''::bytea;
    new_root bytea;
    way text;
BEGIN
    PERFORM pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint);
    SELECT * INTO STRICT head FROM ledger_head WHERE id = 1 FOR UPDATE;
    -- who revoked a key wrote so under this lock: nothing the key signed comes after that entry
    IF EXISTS (SELECT FROM ledger_signing_key
            WHERE kid = ANY (p_kids) AND revoked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the key that signed was revoked a moment ago'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    old := head.size;
    new := old + cardinality(p_leaves);
    places[1] := 1 - 32 * old;
    LOOP
        -- this level's peak in the new tree, if it has one: new, or the one it had before
        IF (new >> level) & 1 = 1 THEN
            peak := CASE WHEN new >> level > old >> level
                THEN substring(here FROM length(here) - 31)
                ELSE substring(head.peaks FROM
                    32 * bit_count((old >> level + 1)::bit(64))::integer + 1 FOR 32) END;
            new_root := CASE WHEN new_root IS NULL THEN peak
                ELSE sha256('\x01'::bytea || peak || new_root) END;
            new_peaks := peak || new_peaks;
        END IF;
        level := level + 1;
        EXIT WHEN new >> level = 0;
        CONTINUE WHEN new >> level = old >> level;
        IF (old >> level - 1) & 1 = 1 THEN  -- the first pair's left half was there before
            here := substring(head.peaks FROM
                32 * bit_count((old >> level)::bit(64))::integer + 1 FOR 32) || here;
        END IF;
        SELECT string_agg(sha256('\x01'::bytea || substring(here FROM t.at FOR 64)), ''::bytea
                ORDER BY t.place)
            INTO here
            FROM generate_series(1, length(here) - 63, 64) WITH ORDINALITY AS t(at, place);
        places[level + 1] := length(tree) + 1 - 32 * (old >> level);
        tree := tree || here;
    END LOOP;
    way := set_config('ledger.way', 'in', true);
    UPDATE ledger_head SET size = new, peaks = new_peaks, root = new_root WHERE id = 1;
    INSERT INTO ledger_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at)
        SELECT t.index, t.kind, t.rid, t.ts, t.kid, t.leaf,
            substring(tree FROM (places[1] + 32 * t.index)::integer FOR 32)
            || CASE WHEN t.index & 1 = 0 THEN ''::bytea
            WHEN t.index & 2 = 0  -- one trailing one: a quarter of all
                THEN substring(tree FROM (places[2] + 32 * (t.index >> 1))::integer FOR 32)
            WHEN t.index & 4 = 0  -- two: an eighth
                THEN substring(tree FROM (places[2] + 32 * (t.index >> 1))::integer FOR 32)
                || substring(tree FROM (places[3] + 32 * (t.index >> 2))::integer FOR 32)
            ELSE (
                SELECT string_agg(substring(
                    tree FROM (places[k + 1] + 32 * (t.index >> k))::integer FOR 32),
                    ''::bytea ORDER BY k)
                FROM generate_series(
                    1, bit_count((t.index # (t.index + 1))::bit(64))::integer - 1) AS k)
            END,
            now()
        FROM (SELECT generate_series(old, new - 1) AS index, unnest(p_kinds) AS kind,
            unnest(p_rids) AS rid, unnest(p_stamps) AS ts, unnest(p_kids) AS kid,
            unnest(p_leaves) AS leaf) AS t;
    PERFORM ledger_hold_kek(p_kek_versions);
    INSERT INTO ledger_payload (index, ciphertext, wrapped_key, kek_version)
        SELECT generate_series(old, new - 1), unnest(p_ciphertexts), unnest(p_wrapped_keys),
            unnest(p_kek_versions);
    way := set_config('ledger.way', '', true);
    RETURN old;
END $$;

-- As above, for one leaf: no sets and no plans but two, which is half of what a single entry costs.
CREATE OR REPLACE FUNCTION {schema}.ledger_write_one(
    p_kind text, p_rid uuid, p_ts text, p_kid text, p_leaf bytea,
    p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    node bytea := sha256('\x00'::bytea || p_leaf);
    completed bytea := node;
    head record;
    rest bigint;
    bytes integer;               -- of the old peaks that are not taken in yet
    new_peaks bytea;
    turn text;
    way text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_hold_kek(ARRAY[p_kek_version]);  -- refuses, in its words
    END IF;
    turn := pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint)::text;
    turn := pg_advisory_xact_lock_shared('ledger_kek'::regclass::oid::integer, p_kek_version)::text;
    SELECT h.size, h.peaks,
            EXISTS (SELECT FROM ledger_signing_key
                WHERE kid = p_kid AND revoked_at IS NOT NULL) AS is_revoked,
            EXISTS (SELECT FROM ledger_kek
                WHERE version = p_kek_version AND closed_at IS NULL) AS is_open
        INTO STRICT head FROM ledger_head AS h WHERE id = 1 FOR UPDATE;
    IF head.is_revoked THEN
        RAISE EXCEPTION 'the key that signed was revoked a moment ago'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF NOT head.is_open THEN
        PERFORM ledger_hold_kek(ARRAY[p_kek_version]);  -- refuses, in its words
    END IF;
    rest := head.size;
    bytes := length(head.peaks);
    WHILE rest & 1 = 1 LOOP
        node := sha256('\x01'::bytea || substring(head.peaks FROM bytes - 31 FOR 32) || node);
        completed := completed || node;
        bytes := bytes - 32;
        rest := rest >> 1;
    END LOOP;
    new_peaks := substring(head.peaks FROM 1 FOR bytes) || node;
    WHILE bytes > 0 LOOP  -- from here on the node is the root to be
        node := sha256('\x01'::bytea || substring(head.peaks FROM bytes - 31 FOR 32) || node);
        bytes := bytes - 32;
    END LOOP;
    way := set_config('ledger.way', 'in', true);
    WITH moved AS (
        UPDATE ledger_head SET size = size + 1, peaks = new_peaks, root = node WHERE id = 1
    ), entered AS (
        INSERT INTO ledger_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at)
        VALUES (head.size, p_kind, p_rid, p_ts, p_kid, p_leaf, completed, now())
    )
    INSERT INTO ledger_payload (index, ciphertext, wrapped_key, kek_version)
        VALUES (head.size, p_ciphertext, p_wrapped_key, p_kek_version);
    way := set_config('ledger.way', '', true);
    RETURN head.size;
END $$;

-- Appends in the caller's transaction; a record that waits in the queue is in the log already, as
-- far as anybody who sends it again is concerned. Refuses leaves that are no records of their
-- columns, and half of a ciphertext and its key (a restored log may have neither). All that can be
-- looked at and hashed before the head is locked is.
CREATE OR REPLACE FUNCTION {schema}.ledger_append(
    p_kinds text[], p_rids uuid[], p_stamps text[], p_kids text[], p_leaves bytea[],
    p_ciphertexts bytea[], p_wrapped_keys bytea[], p_kek_version integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    count integer := cardinality(p_leaves);
    log record;
    wrong bigint;
    hashes bytea;
    first bigint;
BEGIN
    IF (count > 0 AND count = ALL (ARRAY[cardinality(p_kinds), cardinality(p_rids),
            cardinality(p_stamps), cardinality(p_kids), cardinality(p_ciphertexts),
            cardinality(p_wrapped_keys)])) IS NOT TRUE THEN
        RAISE EXCEPTION 'ledger_append takes columns of one length, at least one row';
    END IF;
    SELECT h.log_id, h.halted_at, EXISTS (SELECT FROM ledger_pending) AS has_queue
        INTO STRICT log FROM ledger_head AS h;
    IF log.halted_at IS NOT NULL THEN  -- said once more under the head's lock
        RAISE EXCEPTION 'the ledger stands still: what is written now could never be signed'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    -- no EXCEPTION block: its subtransaction costs a quarter of the queue's rate. What is no text
    -- in UTF-8 is refused by convert_from itself.
    IF count = 1 THEN
        wrong := CASE WHEN ledger_is_record(p_kinds[1], p_rids[1], p_stamps[1], p_kids[1],
            p_leaves[1], log.log_id) THEN NULL ELSE 1 END;
    ELSE
        SELECT t.place INTO wrong
            FROM unnest(p_kinds, p_rids, p_stamps, p_kids, p_leaves)
                WITH ORDINALITY AS t(kind, rid, ts, kid, leaf, place)
            WHERE ledger_is_record(t.kind, t.rid, t.ts, t.kid, t.leaf, log.log_id) IS NOT TRUE
            LIMIT 1;
        -- in the array's order: nothing stands between the set and what takes it in
        SELECT string_agg(sha256('\x00'::bytea || t.leaf), ''::bytea)
            INTO hashes FROM (SELECT unnest(p_leaves) AS leaf) AS t;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'leaf % of % is no record of its columns', wrong, count
            USING ERRCODE = 'check_violation';
    END IF;
    IF 1 <> ANY (ARRAY[array_lower(p_ciphertexts, 1), array_lower(p_wrapped_keys, 1),
            array_ndims(p_ciphertexts), array_ndims(p_wrapped_keys)]) THEN
        RAISE EXCEPTION 'ledger_append takes plain arrays, counted from 1';
    END IF;
    IF (array_position(p_ciphertexts, NULL) IS NOT NULL
            OR array_position(p_wrapped_keys, NULL) IS NOT NULL)
        AND EXISTS (SELECT FROM unnest(p_ciphertexts, p_wrapped_keys) AS t(sealed, wrapped)
            WHERE (sealed IS NULL) <> (wrapped IS NULL)) THEN
        RAISE EXCEPTION 'a ciphertext comes with its key' USING ERRCODE = 'check_violation';
    END IF;
    IF count = 1 THEN
        first := ledger_write_one(p_kinds[1], p_rids[1], p_stamps[1], p_kids[1], p_leaves[1],
            p_ciphertexts[1], p_wrapped_keys[1], p_kek_version);
    ELSE
        first := ledger_write(p_kinds, p_rids, p_stamps, p_kids, p_leaves, hashes, p_ciphertexts,
            p_wrapped_keys, array_fill(p_kek_version, ARRAY[count]));
    END IF;
    IF log.has_queue AND EXISTS (
        SELECT FROM unnest(p_rids, p_kinds, p_stamps) AS t(rid, kind, ts)
        JOIN ledger_pending USING (rid, kind, ts)) THEN
        RAISE EXCEPTION 'the record waits in ledger_pending' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN first;
END $$;

-- The items of a batch entry, once, in the transaction that appended it or later.
CREATE OR REPLACE FUNCTION {schema}.ledger_put_items(
    p_index bigint, p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF p_ciphertext IS NULL OR p_wrapped_key IS NULL THEN
        RAISE EXCEPTION 'items have a ciphertext and a wrapped key';
    END IF;
    PERFORM ledger_hold_kek(ARRAY[p_kek_version]);
    PERFORM set_config('ledger.way', 'in', true);
    INSERT INTO ledger_items (index, ciphertext, wrapped_key, kek_version)
        SELECT index, p_ciphertext, p_wrapped_key, p_kek_version
        FROM ledger_entry WHERE index = p_index;
    PERFORM set_config('ledger.way', '', true);
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
CREATE OR REPLACE FUNCTION {schema}.ledger_seal(
    p_size bigint, p_root bytea, p_note bytea, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    head ledger_head;
BEGIN
    PERFORM pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint);
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
    -- who may sign, and what was erased: no export of the log proves without (core.erasures.SHOWN)
    IF EXISTS (SELECT FROM ledger_entry WHERE index = p_index AND (
        left(kind, 7) = 'device.'
            OR kind IN ('log.key_rotated', 'payload.erased', 'registry.root')
    )) THEN
        RAISE EXCEPTION 'entry % is shown to everybody and cannot be erased', p_index
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE ledger_payload SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
    done := FOUND;
    UPDATE ledger_items SET ciphertext = NULL, wrapped_key = NULL, erased_at = p_at
        WHERE index = p_index AND erased_at IS NULL;
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

-- Rows come in by this schema's own functions, which put them where the head says that the log is.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_way()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rows come into % by ledger_append alone', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
