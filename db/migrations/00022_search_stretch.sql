-- +goose Up
-- search_stretch returns the number of the stretch of 16,384 tickets that a ticket is in.
-- The index of terms, the queries that read it and search_terms use it: see docs/search.md.
-- +goose StatementBegin
create function search_stretch(ticket bigint) returns bigint
language sql immutable strict parallel safe as $$ select ticket >> 14 $$;
-- +goose StatementEnd

-- The function of 00010, with search_stretch.
-- +goose StatementBegin
create or replace function search_terms(ticket bigint, words text[], runs text) returns tsvector
language plpgsql immutable parallel safe as $$
declare
    stretch constant text := to_hex(search_stretch(ticket)) || ':';
begin
    if runs is not null then
        words := words || search_pairs(runs);
    end if;
    if words = '{}' then
        return ''::tsvector;
    end if;
    return array_to_tsvector(string_to_array(stretch || array_to_string(words, E'\n' || stretch), E'\n'));
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function search_terms(ticket bigint, words text[], runs text) returns tsvector
language plpgsql immutable parallel safe as $$
declare
    stretch constant text := to_hex(ticket >> 14) || ':';
begin
    if runs is not null then
        words := words || search_pairs(runs);
    end if;
    if words = '{}' then
        return ''::tsvector;
    end if;
    return array_to_tsvector(string_to_array(stretch || array_to_string(words, E'\n' || stretch), E'\n'));
end
$$;
-- +goose StatementEnd
drop function search_stretch;
