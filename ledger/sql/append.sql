-- Appending, in the caller's transaction: the leaves are looked at and hashed, then the head is
-- locked and moved. What is called by its neighbours alone (`INTERNAL`) has neither rights nor a
-- search path of its own: setting them costs a tenth of a single entry.

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
        = convert_to(concat('"rid":"', p_rid, '","tenant_log":"', p_log_id, '","ts":"',
            p_ts, '","type":"', p_kind, '","v":"lease-leaf/1"}}'), 'UTF8')
    AND position(convert_to(concat(',"device":"', p_kid, '",'), 'UTF8') IN p_leaf) > 0
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
RETURNS bigint LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
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
BEGIN
    PERFORM ledger_take_turn();
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
    INSERT INTO ledger_payload (index, ciphertext, wrapped_key, kek_version)
        SELECT generate_series(old, new - 1), unnest(p_ciphertexts), unnest(p_wrapped_keys),
            unnest(p_kek_versions);
    RETURN old;
END $$;

-- As above, for one leaf: no sets, and few expressions, since each is made ready anew in every
-- transaction; half of what a single entry costs. The row's lock is had by moving the head from
-- where it was read: who moves it without a turn at the advisory lock, which is nobody but the
-- owner's own hand, makes this fail, and nothing is written.
CREATE OR REPLACE FUNCTION {schema}.ledger_write_one(
    p_kind text, p_rid uuid, p_ts text, p_kid text, p_leaf bytea,
    p_ciphertext bytea, p_wrapped_key bytea, p_kek_version integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    node bytea := sha256('\x00'::bytea || p_leaf);
    completed bytea := node;
    head record;
    rest bigint;
    bytes integer;               -- of the old peaks that are not taken in yet
    new_peaks bytea;
    turn text := pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint)::text
        || pg_advisory_xact_lock_shared('ledger_kek'::regclass::oid::integer, p_kek_version)::text;
BEGIN
    SELECT h.size, h.peaks,
            EXISTS (SELECT FROM ledger_signing_key
                WHERE kid = p_kid AND revoked_at IS NOT NULL) AS is_revoked,
            EXISTS (SELECT FROM ledger_kek
                WHERE version = p_kek_version AND closed_at IS NULL) AS is_open,
            EXISTS (SELECT FROM ledger_pending
                WHERE rid = p_rid AND kind = p_kind AND ts = p_ts) AS is_waiting
        INTO STRICT head FROM ledger_head AS h WHERE id = 1;
    IF head.is_revoked THEN
        RAISE EXCEPTION 'the key that signed was revoked a moment ago'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF head.is_waiting THEN
        RAISE EXCEPTION 'the record waits in ledger_pending' USING ERRCODE = 'unique_violation';
    ELSIF NOT head.is_open THEN
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
    UPDATE ledger_head SET size = size + 1, peaks = new_peaks, root = node
        WHERE id = 1 AND size = head.size;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the head was moved meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO ledger_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at)
        VALUES (head.size, p_kind, p_rid, p_ts, p_kid, p_leaf, completed, now());
    INSERT INTO ledger_payload (index, ciphertext, wrapped_key, kek_version)
        VALUES (head.size, p_ciphertext, p_wrapped_key, p_kek_version);
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
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_see_newest();  -- refuses, in its words: the call itself costs as much again
    END IF;
    IF p_leaves = ARRAY[p_leaves[1]] AND p_kinds = ARRAY[p_kinds[1]]
        AND p_rids = ARRAY[p_rids[1]] AND p_stamps = ARRAY[p_stamps[1]]
        AND p_kids = ARRAY[p_kids[1]] AND p_ciphertexts = ARRAY[p_ciphertexts[1]]
        AND p_wrapped_keys = ARRAY[p_wrapped_keys[1]]
        AND (p_ciphertexts[1] IS NULL) = (p_wrapped_keys[1] IS NULL) THEN
        IF ledger_is_record(p_kinds[1], p_rids[1], p_stamps[1], p_kids[1], p_leaves[1],
                (SELECT h.log_id FROM ledger_head AS h)) IS NOT TRUE THEN
            RAISE EXCEPTION 'leaf 1 of 1 is no record of its columns'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN ledger_write_one(p_kinds[1], p_rids[1], p_stamps[1], p_kids[1], p_leaves[1],
            p_ciphertexts[1], p_wrapped_keys[1], p_kek_version);
    END IF;
    -- what is one, but not quite, is told here what is wrong with it
    IF (count > 0 AND count = ALL (ARRAY[cardinality(p_kinds), cardinality(p_rids),
            cardinality(p_stamps), cardinality(p_kids), cardinality(p_ciphertexts),
            cardinality(p_wrapped_keys)])) IS NOT TRUE THEN
        RAISE EXCEPTION 'ledger_append takes columns of one length, at least one row';
    ELSIF 1 <> ANY (ARRAY[array_lower(p_ciphertexts, 1), array_lower(p_wrapped_keys, 1),
            array_ndims(p_ciphertexts), array_ndims(p_wrapped_keys)]) THEN
        RAISE EXCEPTION 'ledger_append takes plain arrays, counted from 1';
    ELSIF (array_position(p_ciphertexts, NULL) IS NOT NULL
            OR array_position(p_wrapped_keys, NULL) IS NOT NULL)
        AND EXISTS (SELECT FROM unnest(p_ciphertexts, p_wrapped_keys) AS t(sealed, wrapped)
            WHERE (sealed IS NULL) <> (wrapped IS NULL)) THEN
        RAISE EXCEPTION 'a ciphertext comes with its key' USING ERRCODE = 'check_violation';
    END IF;
    SELECT h.log_id, EXISTS (SELECT FROM ledger_pending) AS has_queue
        INTO STRICT log FROM ledger_head AS h;
    -- no EXCEPTION block: its subtransaction costs a quarter of the queue's rate. What is no text
    -- in UTF-8 is refused by convert_from itself.
    SELECT t.place INTO wrong
        FROM unnest(p_kinds, p_rids, p_stamps, p_kids, p_leaves)
            WITH ORDINALITY AS t(kind, rid, ts, kid, leaf, place)
        WHERE ledger_is_record(t.kind, t.rid, t.ts, t.kid, t.leaf, log.log_id) IS NOT TRUE
        LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'leaf % of % is no record of its columns', wrong, count
            USING ERRCODE = 'check_violation';
    END IF;
    -- in the array's order: nothing stands between the set and what takes it in
    SELECT string_agg(sha256('\x00'::bytea || t.leaf), ''::bytea)
        INTO hashes FROM (SELECT unnest(p_leaves) AS leaf) AS t;
    PERFORM ledger_hold_kek(ARRAY[p_kek_version]);
    first := ledger_write(p_kinds, p_rids, p_stamps, p_kids, p_leaves, hashes, p_ciphertexts,
        p_wrapped_keys, array_fill(p_kek_version, ARRAY[count]));
    IF log.has_queue AND EXISTS (
        SELECT FROM unnest(p_rids, p_kinds, p_stamps) AS t(rid, kind, ts)
        JOIN ledger_pending USING (rid, kind, ts)) THEN
        RAISE EXCEPTION 'the record waits in ledger_pending' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN first;
END $$;
