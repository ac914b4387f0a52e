-- Inserts one batch of 100 threads at each location, with their messages and keys. The rows
-- are inserted in the order of time, so that the messages of a thread are as far apart as
-- after real posts. The first thread of the batch has 100 messages more than the others.
-- Odd numbers are the customer's messages, and one thread in twenty is unread.
--
-- The placeholders {batch}, {messages_per_thread} (an average), {first_location} and
-- {locations} (a count) are replaced by numbers, and {schema} by the name of the schema.
CREATE TEMP TABLE new_message ON COMMIT DROP AS
SELECT
    'l-' || lpad(l::text, 4, '0') AS location,
    'b-' || lpad(t::text, 6, '0') AS booking,
    t,
    number,
    (number + 1) % 2 AS role,
    CASE number % 2 WHEN 1 THEN 'c-' || lpad(t::text, 6, '0') ELSE 'team' END AS author,
    rtrim(substr('Could we come an hour later and bring two dogs, or is the boat full by then? '
        'We would love to see the seals!', 1, 4 + (number * 7919 + t * 31) % 97)) AS body,
    1805112000000000 + ({batch} * ({messages_per_thread} + 100) + number) * 60000000::bigint
        + t % 100 * 100000 AS sent_at
FROM (
    SELECT {first_location} + n % {locations} AS l, {batch} * 100 + n / {locations} % 100 AS t,
        n / {locations} / 100 + 1 AS number
    FROM generate_series(0, ({messages_per_thread} - 1) * 100 * {locations} - 1) AS n
    UNION ALL
    SELECT {first_location} + n % {locations}, {batch} * 100,
        {messages_per_thread} + n / {locations}
    FROM generate_series(0, 100 * {locations} - 1) AS n
) AS numbers;

INSERT INTO {schema}.message
    (location, booking, number, ordinal, role, author, name, body, sent_at, revision, flags,
    key_digest)
SELECT location, booking, number, (number + 1) / 2, role, author, NULL, body, sent_at, t + 1, 0,
    hashtextextended(location || booking || number, 0)
FROM new_message;

INSERT INTO {schema}.thread
    (location, booking, revision, last_number, newest_first, unread, redactions,
    created_at, first_number, customer_messages, operator_messages, last_role, last_at,
    preview, preview_cut,
    customer_number, customer_covered, customer_furthest, customer_set_at,
    operator_number, operator_covered, operator_furthest, operator_set_at,
    code, activity, starts_at, duration_secs, status, customer_name, profile)
SELECT
    location, booking, t + 1, number, -sent_at, NOT is_read, 0,
    1805112000000000, 1, (number + 1) / 2, number / 2, role, sent_at,
    rtrim(substr(body, 1, 80)), length(body) > 80,
    number - role, number / 2 - role, number - role, sent_at,
    CASE WHEN is_read THEN number ELSE 0 END, CASE WHEN is_read THEN (number + 1) / 2 ELSE 0 END,
    CASE WHEN is_read THEN number ELSE 0 END, CASE WHEN is_read THEN sent_at END,
    'K7Q2-' || lpad(t::text, 6, '0'), 'Harbour tour', 1805112000000000, 3600, 'confirmed',
    'Ann Lee', NULL
FROM new_message, LATERAL (SELECT t % 20 <> 5 AS is_read) AS reading
WHERE number = {messages_per_thread} - 1 + CASE t % 100 WHEN 0 THEN 100 ELSE 0 END;
