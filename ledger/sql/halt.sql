-- A log whose checkpoints are refused takes no entries: they could never be signed. The head says
-- so, under its lock, to whoever appends (`ledger_guard_head`); the table says why, and what ended it.
-- Each reason is a row of its own, and the log takes entries again when the last of them was lifted.
-- False where that very reason stands already: then it was found once more, which is counted, so that
-- who saw it before lifts no finding that he did not see.
CREATE OR REPLACE FUNCTION {schema}.ledger_begin_halt(
    p_code text, p_detail text, p_params jsonb, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_take_turn();
    PERFORM 1 FROM ledger_head WHERE id = 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE ledger_halt SET findings = findings + 1 WHERE lifted_at IS NULL
        AND code = p_code AND detail = p_detail AND params = p_params;
    IF FOUND THEN
        RETURN false;
    END IF;
    UPDATE ledger_head SET halted_at = p_at WHERE id = 1 AND halted_at IS NULL;
    INSERT INTO ledger_halt (code, detail, params, halted_at, lifted_why, findings)
        VALUES (p_code, p_detail, p_params, p_at, '', 1);
    RETURN true;
END $$;

-- Lifts one reason, which is named as it was seen; false where that does not stand, or was found once
-- more since. The log stands still until none does.
DROP FUNCTION IF EXISTS {schema}.ledger_lift_halt(text, timestamptz),
    {schema}.ledger_lift_halt(bigint, text, text, timestamptz);
CREATE OR REPLACE FUNCTION {schema}.ledger_lift_halt(
    p_id bigint, p_code text, p_findings integer, p_why text, p_at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM ledger_take_turn();
    UPDATE ledger_halt SET lifted_at = p_at, lifted_why = p_why
        WHERE id = p_id AND code = p_code AND findings = p_findings AND lifted_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE ledger_head SET halted_at = NULL WHERE id = 1 AND halted_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ledger_halt WHERE lifted_at IS NULL);
    RETURN true;
END $$;

-- A standstill is found again until it is lifted, once; nothing else of its row ever changes.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_halt()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    moving text[] := ARRAY['lifted_at', 'lifted_why'];
BEGIN
    IF OLD.lifted_at IS NULL AND NEW.lifted_at IS NULL AND NEW.findings = OLD.findings + 1
        AND to_jsonb(NEW) - 'findings' = to_jsonb(OLD) - 'findings' THEN
        RETURN NEW;
    ELSIF OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL
        AND to_jsonb(NEW) - moving = to_jsonb(OLD) - moving THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a standstill is found again or lifted, once, and never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
