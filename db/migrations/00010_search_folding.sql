-- +goose Up
-- Search finds words in every writing system: accents, case and compatibility forms
-- make no difference, and scripts without spaces between words are searched by any
-- part of their text. The functions below are used for indexed texts and for searches, so
-- that both are always folded in the same way. They need no extension, and they need the
-- locale only for the capitals of rare scripts. To change them, write new functions and new
-- tables, and fill these in the background: see docs/migrations.md.

-- search_fold returns the text in the form in which texts are compared: compatibility
-- forms resolved (Unicode NFKC), lower case, without the marks that writers may leave out
-- (accents, Hebrew and Arabic vowel signs, nuktas) and without invisible
-- characters (soft hyphen, joiners, direction marks). One folding serves all languages:
-- ı and İ are i, ß is ss, æ is ae, œ is oe, þ is th, ø ö ő are o, ς is σ, ё is е, й is и.
-- Vowel signs and tone marks that are part of a word (Devanagari, Thai) stay, as does
-- the voicing of kana. Native digits become 0 to 9.
-- The result has at most 40,000 characters, so that its words always fit a tsvector.
-- +goose StatementBegin
create function search_fold(txt text) returns text
language plpgsql immutable strict parallel safe as $$
declare
    optional constant text :=
        '[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0600-\u0605\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670'
        '\u06d6-\u06dd\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u070f\u0711\u0730-\u074a\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827'
        '\u0829-\u082d\u0859-\u085b\u0890-\u089f\u08ca-\u08ff\u093c\u09bc\u0a3c\u0abc\u0b3c\u0c3c\u0cbc\u135d-\u135f\u180b-\u180f\u1ab0-\u1aff'
        '\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f\ufe00-\ufe0f'
        '\ufe20-\ufe2f\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d165-\U0001d169\U0001d16d-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad'
        '\U000e0000-\U000e0fff]+';
    marks constant text :=
        '\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0600-\u0605\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670'
        '\u06d6-\u06dd\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u070f\u0711\u0730-\u074a\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827'
        '\u0829-\u082d\u0859-\u085b\u0890-\u089f\u08ca-\u08ff\u093c\u094d\u0951-\u0954\u09bc\u09cd\u09fe\u0a3c-\u0a4d\u0abc\u0acd\u0b3c\u0b4d\u0bcd'
        '\u0c3c\u0c4d-\u0c56\u0cbc\u0ccd\u0d3b-\u0d3c\u0d4d\u0dca\u0e38-\u0e3a\u0e48-\u0e4b\u0eb8-\u0eba\u0ec8-\u0ecb\u0f18-\u0f19\u0f35\u0f37\u0f39'
        '\u0f71-\u0f84\u0f86-\u0f87\u0fc6\u1037-\u103a\u108d\u135d-\u135f\u1714-\u1715\u1734\u17d2\u17dd\u180b-\u180f\u18a9\u1939-\u193b\u1a17-\u1a18'
        '\u1a60-\u1a7f\u1ab0-\u1aff\u1b34-\u1b44\u1b6b-\u1b73\u1baa-\u1bab\u1be6-\u1bf3\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced\u1cf4\u1cf8-\u1cf9'
        '\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\ua672'
        '\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua806\ua82c\ua8c4\ua8e0-\ua8f1\ua92b-\ua92d\ua953\ua9b3-\ua9c0\uaab0\uaab2-\uaab4\uaab7-\uaab8'
        '\uaabe-\uaabf\uaac1\uaaf6\uabed\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\ufff9-\ufffb\U000101fd\U000102e0\U00010376-\U0001037a'
        '\U00010a0d-\U00010a0f\U00010a38-\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27\U00010eab-\U00010eac\U00010efd-\U00010eff'
        '\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011046\U00011070\U0001107f\U000110b9-\U000110ba\U00011100-\U00011102\U00011133-\U00011134'
        '\U00011173\U000111c0\U000111ca\U00011235-\U00011236\U000112e9-\U000112ea\U0001133b-\U0001133c\U0001134d\U00011366-\U00011374'
        '\U00011442-\U00011446\U0001145e\U000114c2-\U000114c3\U000115bf-\U000115c0\U0001163f\U000116b6-\U000116b7\U0001172b\U00011839-\U0001183a'
        '\U0001193d-\U0001193e\U00011943\U000119e0\U00011a34\U00011a47\U00011a99\U00011c3f\U00011d42-\U00011d45\U00011d97\U00011f41-\U00011f42'
        '\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016ff0-\U00016ff1\U0001bc9e\U0001bca0-\U0001bca3\U0001d165-\U0001d169\U0001d16d-\U0001d182'
        '\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001e000-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae'
        '\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a\U000e0000-\U000e0fff';
begin
    if octet_length(txt) = char_length(txt) then
        return left(lower(txt collate "C"), 40000);
    end if;
    -- normalize sorts the marks on one letter in quadratic time: thirty are kept, as in
    -- the Stream-Safe Text Format (UAX #15).
    if txt ~ ('[' || marks || ']{31}') then
        txt := regexp_replace(txt, '([' || marks || ']{30})[' || marks || ']+', '\1', 'g');
    end if;
    txt := regexp_replace(lower(left(normalize(txt, NFKD), 80000)), optional, '', 'g');
    if octet_length(txt) > char_length(txt) then
        txt := normalize(txt, NFKC);
        if txt ~ '[ßẞæÆœŒþÞ]' then
            txt := replace(replace(replace(replace(txt, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
            txt := replace(replace(replace(replace(txt, 'ẞ', 'ss'), 'Æ', 'ae'), 'Œ', 'oe'), 'Þ', 'th');
        end if;
        if txt ~ '[øđðłħŧıŋɓɗƙƴςىیکةٱ]' then
            txt := translate(txt, 'øđðłħŧıŋɓɗƙƴςىیکةٱ', 'oddlhtinbdkyσييكها');
        end if;
        if txt ~ '[٠-٩۰-۹०-९০-৯๐-๙໐-໙၀-၉០-៩]' then
            txt := translate(txt, '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙၀၁၂၃၄၅၆၇၈၉០១២៣៤៥៦៧៨៩', repeat('0123456789', 8));
        end if;
        -- Where the locale of the database is C, lower knows ASCII only.
        if txt ~ '[ØĐÐŁĦŦŊΑ-ΩЂ-ЏА-ЯҐԱ-Ֆ]' then
            txt := translate(txt,
                'ØĐÐŁĦŦŊΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ',
                'oddlhtnαβγδεζηθικλμνξοπρστυφχψωђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяґաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ');
        end if;
    end if;
    return left(txt, 40000);
end
$$;
-- +goose StatementEnd

-- search_split splits a text into words and runs. words has its words: letters, digits and
-- their marks between any other characters, at most 500 characters of each. runs has its parts
-- in scripts that are written without spaces between words (Han, kana, Hangul, Thai, Lao,
-- Khmer, Burmese and others), with a space between two runs, or null if there are none.
-- +goose StatementBegin
create function search_split(txt text, out words text[], out runs text)
language plpgsql immutable strict parallel safe as $$
declare
    folded text := search_fold(txt);
    unspaced constant text :=
        '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109d\u1100-\u11ff\u1780-\u17d3\u17d7\u17dc-\u17dd'
        '\u1950-\u19c9\u1a20-\u1a7f\u1b00-\u1b4c\u3005-\u3007\u3021-\u302f\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u312f'
        '\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua48c\ua960-\ua97c\ua980-\ua9c0\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a-\uaadd'
        '\uac00-\ud7fb\ufa0e-\ufa29\U00017000-\U00018d08\U0001aff0-\U0001b2fb\U00020000-\U000323af';
    signs constant text :=
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02b9-\u02bf\u02c2-\u02c5\u02d2-\u02eb\u02ed\u02ef-\u02ff\u0375\u03f6\u0482'
        '\u055a-\u055f\u0589-\u05c6\u05f3-\u061f\u066a-\u066d\u06d4\u06de\u06e9\u06fd-\u06fe\u0700-\u070d\u07f6-\u07f9\u07fe-\u07ff\u0830-\u083e'
        '\u085e\u0888\u0964-\u0965\u0970\u09f2-\u09f3\u09fa-\u09fb\u09fd\u0a76\u0af0-\u0af1\u0b70\u0bf3-\u0bfa\u0c77\u0c7f\u0c84\u0d4f\u0d79\u0df4'
        '\u0e3f\u0e4f\u0e5a-\u0e5b\u0f01-\u0f17\u0f1a-\u0f1f\u0f34\u0f36\u0f38\u0f3a-\u0f3d\u0f85\u0fbe-\u0fc5\u0fc7-\u0fda\u104a-\u104f\u109e-\u109f'
        '\u10fb\u1360-\u1368\u1390-\u1399\u1400\u166d-\u166e\u1680\u169b-\u169c\u16eb-\u16ed\u1735-\u1736\u17d4-\u17d6\u17d8-\u17db\u1800-\u180a'
        '\u1940-\u1945\u19de-\u19ff\u1a1e-\u1a1f\u1aa0-\u1aa6\u1aa8-\u1aad\u1b5a-\u1b6a\u1b74-\u1b7e\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e-\u1c7f'
        '\u1cc0-\u1cc7\u1cd3\u2010-\u212e\u213a-\u214d\u214f\u218a-\u244a\u2500-\u2775\u2794-\u2bff\u2ce5-\u2cea\u2cf9-\u2cfc\u2cfe-\u2cff\u2d70'
        '\u2e00-\u2e2e\u2e30-\u3004\u3008-\u3020\u3030\u3037\u303d-\u303f\u30a0\u30fb\u3190-\u3191\u31c0-\u31e3\u327f\u4dc0-\u4dff\ua490-\ua4c6'
        '\ua4fe-\ua4ff\ua60d-\ua60f\ua673-\ua67e\ua6f2-\ua716\ua720-\ua721\ua789-\ua78a\ua828-\ua82b\ua836-\ua839\ua874-\ua877\ua8ce-\ua8cf'
        '\ua8f8-\ua8fa\ua8fc\ua92e-\ua92f\ua95f\ua9c1-\ua9cd\ua9de-\ua9df\uaa5c-\uaa5f\uaa77-\uaa79\uaade-\uaadf\uaaf0-\uaaf1\uab5b\uab6a-\uab6b'
        '\uabeb\ufbb2-\ufe46\ufffc-\ufffd\U00010100-\U00010102\U00010137-\U0001013f\U00010179-\U00010189\U0001018c-\U000101fc\U0001039f\U000103d0'
        '\U0001056f\U00010857\U00010877-\U00010878\U0001091f\U0001093f\U00010a50-\U00010a58\U00010a7f\U00010ac8\U00010af0-\U00010af6'
        '\U00010b39-\U00010b3f\U00010b99-\U00010b9c\U00010ead\U00010f55-\U00010f59\U00010f86-\U00010f89\U00011047-\U0001104d\U000110bb-\U000110c1'
        '\U00011140-\U00011143\U00011174-\U00011175\U000111c5-\U000111c8\U000111cd\U000111db\U000111dd-\U000111df\U00011238-\U0001123d\U000112a9'
        '\U0001144b-\U0001144f\U0001145a-\U0001145d\U000114c6\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9'
        '\U0001173c-\U0001173f\U0001183b\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2'
        '\U00011b00-\U00011b09\U00011c41-\U00011c45\U00011c70-\U00011c71\U00011ef7-\U00011ef8\U00011f43-\U00011f4f\U00011fd5-\U00011fff'
        '\U00012470-\U00012474\U00012ff1-\U00012ff2\U00016a6e-\U00016a6f\U00016af5\U00016b37-\U00016b3f\U00016b44-\U00016b45\U00016e97-\U00016e9a'
        '\U00016fe2\U0001bc9c\U0001bc9f\U0001cf50-\U0001d241\U0001d245\U0001d300-\U0001d356\U0001d800-\U0001d9ff\U0001da37-\U0001da3a'
        '\U0001da6d-\U0001da74\U0001da76-\U0001da83\U0001da85-\U0001da8b\U0001e14f\U0001e2ff\U0001e95e-\U0001e95f\U0001ecac\U0001ecb0\U0001ed2e'
        '\U0001eef0-\U0001f0f5\U0001f10d-\U0001fbca]+';
begin
    if octet_length(folded) = char_length(folded) then
        words := array_remove(regexp_split_to_array(folded, '[^a-z0-9]+'), '');
    else
        if folded ~ ('[' || unspaced || ']') then
            runs := btrim(regexp_replace(folded, '[^' || unspaced || ']+', ' ', 'g'));
            folded := regexp_replace(folded, '[' || unspaced || ']+', ' ', 'g');
        end if;
        words := array_remove(regexp_split_to_array(folded, signs), '');
    end if;
    if octet_length(folded) > 500 then
        words := array(select left(word, 500) from unnest(words) word);
    end if;
end
$$;
-- +goose StatementEnd

-- search_pairs returns each letter of the runs with the one that follows it, the last
-- letter of a run as a single letter. Any part of a run is found by its pairs, and a single
-- letter by the pairs that begin with it. The work is linear: string_to_array is read once.
-- +goose StatementBegin
create function search_pairs(runs text) returns text[]
language sql immutable strict parallel safe as $$
    select array(
        select first || rtrim(coalesce(second, ''))
        from unnest(string_to_array(runs, null), string_to_array(substr(runs, 2), null)) pair (first, second)
        where first <> ' ')
$$;
-- +goose StatementEnd

-- search_terms returns the index terms of a text: its words, and the pairs of its runs. Each
-- term begins with the number of its range of 16,384 tickets, in hexadecimal. A search reads
-- one range after the other, from the newest, so that a word of half a million old texts costs
-- only the ranges that are needed to fill a page.
-- +goose StatementBegin
create function search_terms(ticket bigint, words text[], runs text) returns tsvector
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

-- search_query parses the text of a search field and returns an object:
-- terms: index terms that a text must have, without the number of their range.
-- begun: prefixes of terms that it must have: the last word, because it may be unfinished,
-- and runs of one letter.
-- runs: patterns that its runs must match, for runs longer than a pair.
-- numbers: ticket numbers in the search: #20, # 20, № 20, or only a number.
-- name: a pattern for search_names, or null if the search is empty.
-- At most 8 words, 8 runs and 4 pairs of a run are used, also of a longer text.
-- +goose StatementBegin
create function search_query(txt text) returns jsonb
language plpgsql stable strict parallel safe as $$
declare
    marked constant text := translate(txt, '№＃﹟', '###');
    folded text := btrim(search_fold(marked));
    split constant record := search_split(marked);
    n constant int := least(cardinality(split.words), 8);
    terms text[] := split.words[1:n - 1];
    begun text[] := split.words[n:n];
    runs text[] := '{}';
    numbers bigint[];
    name text;
    run text;
begin
    foreach run in array coalesce((string_to_array(split.runs, ' '))[1:8], '{}') loop
        if char_length(run) = 1 then
            begun := begun || run;
        else
            terms := terms || array(
                select substr(run, i, 2) from generate_series(1, least(char_length(run), 8) - 1, 2) i
                union select right(left(run, 8), 2));
        end if;
        if char_length(run) > 2 then
            runs := runs || ('%' || run || '%');
        end if;
    end loop;
    if split.runs is null and cardinality(split.words) = 1 and split.words[1] ~ '^[0-9]{1,18}$' then
        numbers := split.words::bigint[];
    else
        numbers := array(select named[1]::bigint from regexp_matches(folded, '#\s*([0-9]{1,18})(?![0-9a-z])', 'g') named limit 8);
    end if;
    if char_length(folded) < 3 and folded = split.runs then
        name := E'%\n' || folded || case char_length(folded) when 2 then E'\n%' else '%' end;
    elsif folded <> '' then
        name := '%' || replace(replace(replace(folded, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    end if;
    return jsonb_build_object('terms', terms, 'begun', begun, 'runs', runs, 'numbers', numbers, 'name', name);
end
$$;
-- +goose StatementEnd

-- +goose Down
drop function search_query, search_terms, search_pairs, search_split, search_fold;
