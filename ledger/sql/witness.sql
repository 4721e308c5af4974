
-- What was cosigned last only grows, and one size has one root: whatever the code above does, two
-- trees that contradict each other are never both cosigned. The note is a note of that tree.
CREATE OR REPLACE FUNCTION {schema}.ledger_guard_witnessed()
RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.note IS NOT NULL AND position(convert_to(
        concat_ws(chr(10), NEW.origin, NEW.size, encode(NEW.root, 'base64'), ''), 'UTF8')
        IN NEW.note) <> 1
    THEN
        RAISE EXCEPTION 'the note of % is no checkpoint of its % entries', NEW.origin, NEW.size
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' OR (NEW.origin = OLD.origin AND NEW.origin_hash = OLD.origin_hash
        AND (NEW.note IS NOT NULL OR OLD.note IS NULL) AND (
            NEW.size > OLD.size OR (NEW.size = OLD.size AND (NEW.root = OLD.root OR OLD.size = 0))))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a witness goes forward only: % of % after %', NEW.size, OLD.origin, OLD.size
        USING ERRCODE = 'insufficient_privilege';
END $$;
