-- :tickets tickets of 500 users, each with about four comments and messages of some twenty words.
-- Ticket 8, 16, … has a file.
with words as (
    select string_to_array('printer invoice order account password delivery error page button screen customer refund address network update version report login email team '
        'since after before never always sometimes monday morning yesterday please thanks urgent broken missing wrong late twice again today', ' ') as w
), people as (
    insert into "User" (id, username, email, password, role)
    select n, 'User ' || n, 'user' || n || '@example.org', '$2b$10$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', case when n <= 5 then 'ADMIN' else 'CUSTOMER' end::"Role"
    from generate_series(1, 500) n
), tickets as (
    insert into "Ticket" (id, subject, description, category, priority, status, attachment, "userId", "createdAt", "updatedAt")
    select n, array_to_string(array(select w[1 + (hashint4(n * 31 + i) & 2147483647) % 40] from words, generate_series(1, 6) i), ' '),
           array_to_string(array(select w[1 + (hashint4(n * 37 + i) & 2147483647) % 40] || case i % 9 when 0 then n::text else '' end from words, generate_series(1, 50) i), ' '),
           (array['Billing', 'Technical', 'General'])[1 + n % 3], (array['Low', 'Medium', 'High', 'Urgent'])[1 + n % 4],
           (array['OPEN', 'IN_PROGRESS', 'RESOLVED', 'CLOSED', 'CLOSED', 'CLOSED'])[1 + n % 6]::"Status",
           case when n % 8 = 0 then '/uploads/1700000000000_' || n || '.txt' end, 6 + n % 495,
           '2025-01-01'::timestamp + n * interval '50 minutes', '2025-01-01'::timestamp + n * interval '50 minutes' + interval '1 day'
    from generate_series(1, :tickets) n
), comments as (
    insert into "Comment" (text, "ticketId", "userId", "createdAt")
    select array_to_string(array(select w[1 + (hashint4(n * 41 + i + k * 7) & 2147483647) % 40] from words, generate_series(1, 20) i), ' '),
           n, case when k % 2 = 0 then 1 + n % 5 else 6 + n % 495 end, '2025-01-01'::timestamp + n * interval '50 minutes' + k * interval '30 minutes'
    from generate_series(1, :tickets) n, generate_series(1, 2 + n % 5) k
)
insert into "ChatMessage" (message, "ticketId", "senderId", "createdAt")
select array_to_string(array(select w[1 + (hashint4(n * 43 + i + k * 5) & 2147483647) % 40] from words, generate_series(1, 8) i), ' '),
       n, case when k % 2 = 0 then 1 + n % 5 else 6 + n % 495 end, '2025-01-01'::timestamp + n * interval '50 minutes' + k * interval '20 minutes'
from generate_series(1, :tickets) n, generate_series(1, 2 + n % 5) k
