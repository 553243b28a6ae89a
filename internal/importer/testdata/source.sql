-- The tables of the first system, as Prisma makes them from its four models.
create type "Role" as enum ('ADMIN', 'CUSTOMER');
create type "Status" as enum ('OPEN', 'IN_PROGRESS', 'RESOLVED', 'CLOSED');

create table "User" (
    "id"       serial primary key,
    "username" text   not null,
    "email"    text   not null unique,
    "password" text   not null,
    "role"     "Role" not null default 'CUSTOMER'
);
create table "Ticket" (
    "id"          serial primary key,
    "subject"     text         not null,
    "description" text         not null,
    "category"    text         not null,
    "priority"    text         not null,
    "status"      "Status"     not null default 'OPEN',
    "attachment"  text,
    "userId"      integer      not null references "User",
    "createdAt"   timestamp(3) not null default current_timestamp,
    "updatedAt"   timestamp(3) not null
);
create table "Comment" (
    "id"        serial primary key,
    "text"      text         not null,
    "ticketId"  integer      not null references "Ticket",
    "userId"    integer      not null references "User",
    "createdAt" timestamp(3) not null default current_timestamp
);
create table "ChatMessage" (
    "id"        serial primary key,
    "message"   text         not null,
    "ticketId"  integer      not null references "Ticket",
    "senderId"  integer      not null references "User",
    "createdAt" timestamp(3) not null default current_timestamp
);
