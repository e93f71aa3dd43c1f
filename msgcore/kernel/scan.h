/* The runs over text that vector instructions pay for: how far GSM-7 reaches, where a surrogate stands, where ASCII ends.
 *
 * How this works. A set of octets is a bitmap of 16 by 16, kept as 16 rows, one for each low nibble, and a bit in the
 * row for each high nibble. A shuffle looks 32 rows up at once and another turns 32 high nibbles into bits, so 32
 * characters are tested in a few instructions, whatever the set. A row has 16 bits and a lane 8, hence two tables: a
 * shuffle gives zero where the lane's top bit is set, so "low" serves the octets under 0x80 and "high", asked with that
 * bit turned round, the others. The tables are generated beside the alphabet (gsm7.h).
 *
 * Wider characters are narrowed to octets, 32 at a time; a block that holds one beyond U+00FF is read one by one.
 * The last block overlaps the one before it and leaves out what that has counted. Below a block nothing is gained.
 *
 * Every function here has two versions that give the same answers: AVX2, chosen at run time, and plain C.
 */

#ifndef MSGCORE_SCAN_H
#define MSGCORE_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gsm7.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define MSGCORE_AVX2 1
#include <immintrin.h>
#else
#define MSGCORE_AVX2 0
#endif

/* --------------------------------------------------------------------------------------------------- plain C */

static inline uint8_t gsm7_entry_of(uint32_t character) {
    if (character > 0xFFFF) return GSM7_OUTSIDE;
    return GSM7_PAGES[((uint32_t)GSM7_PAGE[character >> 8] << 8) | (character & 0xFF)];
}

/* Return how many characters from the start are in GSM-7, and add those that need an escape to ``escaped``. */
#define PLAIN_GSM7_RUN(name, unit)                                                       \
    static size_t name(const unit *text, size_t length, size_t *escaped) {               \
        size_t index, found = 0;                                                         \
        for (index = 0; index < length; index++) {                                       \
            uint8_t entry = gsm7_entry_of(text[index]);                                  \
            if (entry == GSM7_OUTSIDE) break;                                            \
            found += entry >> 7;                                                         \
        }                                                                                \
        *escaped += found;                                                               \
        return index;                                                                    \
    }

PLAIN_GSM7_RUN(plain_gsm7_run_2, uint16_t)
PLAIN_GSM7_RUN(plain_gsm7_run_4, uint32_t)

static size_t plain_gsm7_run_1(const uint8_t *text, size_t length, size_t *escaped) {
    size_t start = 0;
    while (start < length) { /* in blocks whose inner loop has no branch: a cost of 4 marks what is outside */
        size_t index, stop = length - start > 64 ? start + 64 : length, total = 0;
        uint8_t seen = 0;
        for (index = start; index < stop; index++) {
            uint8_t cost = GSM7_LATIN_COST[text[index]];
            seen |= cost;
            total += cost;
        }
        if (seen & 4) {
            for (; GSM7_LATIN_COST[text[start]] != 4; start++) *escaped += GSM7_LATIN_COST[text[start]] - 1;
            return start;
        }
        *escaped += total - (stop - start);
        start = stop;
    }
    return length;
}

/* Return the index of the first surrogate, or ``length``. */
static size_t plain_surrogate_2(const uint16_t *text, size_t length) {
    size_t index;
    for (index = 0; index < length && (text[index] & 0xF800) != 0xD800; index++) {
    }
    return index;
}

/* The same; the characters before it that lie beyond the basic plane are added to ``beyond``. */
static size_t plain_surrogate_4(const uint32_t *text, size_t length, size_t *beyond) {
    size_t index, found = 0;
    for (index = 0; index < length && (text[index] & 0xFFFFF800) != 0xD800; index++) found += text[index] > 0xFFFF;
    *beyond += found;
    return index;
}

/* Return how many octets from the start are ASCII. */
static size_t plain_ascii_run(const uint8_t *octets, size_t length) {
    size_t index = 0;
    for (; index + 8 <= length; index += 8) {
        uint64_t eight;
        memcpy(&eight, octets + index, 8);
        if (eight & 0x8080808080808080u) break;
    }
    while (index < length && octets[index] < 0x80) index++;
    return index;
}

/* Return how many octets from the start are both ASCII and in GSM-7, and add those that need an escape. */
static size_t plain_ascii_gsm7_run(const uint8_t *octets, size_t length, size_t *escaped) {
    return plain_gsm7_run_1(octets, plain_ascii_run(octets, length), escaped);
}

/* Return the highest octet, 0 for none. Leading octets of UTF-8 rise with what they lead. */
static uint8_t plain_highest(const uint8_t *octets, size_t length) {
    size_t index;
    uint8_t highest = 0;
    for (index = 0; index < length; index++) highest = octets[index] > highest ? octets[index] : highest;
    return highest;
}

/* Copy ASCII, as far as it goes, into wider characters, and return how many; ``units`` has room for ``length``. */
#define PLAIN_WIDEN(name, unit)                                                  \
    static size_t name(const uint8_t *octets, size_t length, unit *units) {      \
        size_t index;                                                            \
        for (index = 0; index < length && octets[index] < 0x80; index++) units[index] = octets[index]; \
        return index;                                                            \
    }

PLAIN_WIDEN(plain_widen_1, uint8_t)
PLAIN_WIDEN(plain_widen_2, uint16_t)
PLAIN_WIDEN(plain_widen_4, uint32_t)

/* ------------------------------------------------------------------------------------------------------ AVX2 */

#if MSGCORE_AVX2
#define VECTOR __attribute__((target("avx2,bmi,popcnt")))

enum { BLOCK = 32 };

static inline VECTOR __m256i both_halves(const uint8_t table[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

/* Return a bit for each octet outside GSM-7, and one for each that needs an escape. */
static inline VECTOR uint32_t classify(__m256i octets, uint32_t *extension) {
    const __m256i nibble = _mm256_set1_epi8(0x0F), top = _mm256_set1_epi8((char)0x80);
    const __m256i powers = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128,
                                            1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
    __m256i bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(_mm256_srli_epi16(octets, 4), nibble));
    __m256i outside = _mm256_or_si256(_mm256_shuffle_epi8(both_halves(GSM7_OUTSIDE_LOW), octets),
                                      _mm256_shuffle_epi8(both_halves(GSM7_OUTSIDE_HIGH), _mm256_xor_si256(octets, top)));
    __m256i escaped = _mm256_shuffle_epi8(both_halves(GSM7_EXTENSION_LOW), octets);
    *extension = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(escaped, bit), bit));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(outside, bit), bit));
}

/* Load 32 characters as octets; say whether all of them were. */
static inline VECTOR int narrow_1(const uint8_t *text, __m256i *octets) {
    *octets = _mm256_loadu_si256((const __m256i *)text);
    return 1;
}

/* The same for octets of UTF-8, where only ASCII is a character each. */
static inline VECTOR int narrow_ascii(const uint8_t *text, __m256i *octets) {
    *octets = _mm256_loadu_si256((const __m256i *)text);
    return _mm256_movemask_epi8(*octets) == 0;
}

static inline VECTOR int narrow_2(const uint16_t *text, __m256i *octets) {
    __m256i first = _mm256_loadu_si256((const __m256i *)text);
    __m256i second = _mm256_loadu_si256((const __m256i *)(text + 16));
    if (!_mm256_testz_si256(_mm256_or_si256(first, second), _mm256_set1_epi16((short)0xFF00))) return 0;
    *octets = _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xD8); /* packing works in each half */
    return 1;
}

static inline VECTOR int narrow_4(const uint32_t *text, __m256i *octets) {
    __m256i first = _mm256_loadu_si256((const __m256i *)text);
    __m256i second = _mm256_loadu_si256((const __m256i *)(text + 8));
    __m256i third = _mm256_loadu_si256((const __m256i *)(text + 16));
    __m256i fourth = _mm256_loadu_si256((const __m256i *)(text + 24));
    __m256i any = _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, fourth));
    if (!_mm256_testz_si256(any, _mm256_set1_epi32((int)0xFFFFFF00))) return 0;
    *octets = _mm256_permutevar8x32_epi32(
        _mm256_packus_epi16(_mm256_packus_epi32(first, second), _mm256_packus_epi32(third, fourth)),
        _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    return 1;
}

#define VECTOR_GSM7_RUN(name, unit, narrow, plain)                                                    \
    static VECTOR size_t name(const unit *text, size_t length, size_t *escaped) {                     \
        size_t index = 0, found = 0;                                                                  \
        if (length < BLOCK) return plain(text, length, escaped);                                      \
        while (index < length) {                                                                      \
            uint32_t fresh = 0xFFFFFFFFu, outside, extension;                                         \
            __m256i octets;                                                                           \
            if (length - index < BLOCK) { /* the last block reaches back */                           \
                fresh <<= BLOCK - (length - index);                                                   \
                index = length - BLOCK;                                                               \
            }                                                                                         \
            if (narrow(text + index, &octets)) {                                                      \
                outside = classify(octets, &extension) & fresh;                                       \
                if (outside) {                                                                        \
                    extension &= fresh & (_blsi_u32(outside) - 1);                                    \
                    *escaped += found + (size_t)_mm_popcnt_u32(extension);                            \
                    return index + _tzcnt_u32(outside);                                               \
                }                                                                                     \
                found += (size_t)_mm_popcnt_u32(extension & fresh);                                   \
            } else {                                                                                  \
                size_t seen = _tzcnt_u32(fresh), run = plain(text + index + seen, BLOCK - seen, &found); \
                if (run < BLOCK - seen) {                                                             \
                    *escaped += found;                                                                \
                    return index + seen + run;                                                        \
                }                                                                                     \
            }                                                                                         \
            index += BLOCK;                                                                           \
        }                                                                                             \
        *escaped += found;                                                                            \
        return length;                                                                                \
    }

/* Half a block to a whole one: the first 16 octets beside the last 16. */
static inline VECTOR size_t vector_gsm7_short(const uint8_t *text, size_t length, size_t *escaped) {
    __m128i head = _mm_loadu_si128((const __m128i *)text);
    __m128i tail = _mm_loadu_si128((const __m128i *)(text + length - 16));
    uint32_t fresh = 0xFFFFu | (uint32_t)(0xFFFF0000ull << (BLOCK - length)), extension;
    uint32_t outside = classify(_mm256_set_m128i(tail, head), &extension) & fresh;
    if (outside) {
        size_t lane = _tzcnt_u32(outside);
        *escaped += (size_t)_mm_popcnt_u32(extension & fresh & (_blsi_u32(outside) - 1));
        return lane < 16 ? lane : length - BLOCK + lane;
    }
    *escaped += (size_t)_mm_popcnt_u32(extension & fresh);
    return length;
}

static VECTOR size_t octets_run_below_block(const uint8_t *text, size_t length, size_t *escaped) {
    return length < 16 ? plain_gsm7_run_1(text, length, escaped) : vector_gsm7_short(text, length, escaped);
}

static VECTOR size_t ascii_run_below_block(const uint8_t *octets, size_t length, size_t *escaped) {
    return octets_run_below_block(octets, plain_ascii_run(octets, length), escaped);
}

VECTOR_GSM7_RUN(vector_ascii_gsm7_run, uint8_t, narrow_ascii, ascii_run_below_block)
VECTOR_GSM7_RUN(vector_gsm7_run_1, uint8_t, narrow_1, octets_run_below_block)
VECTOR_GSM7_RUN(vector_gsm7_run_2, uint16_t, narrow_2, plain_gsm7_run_2)
VECTOR_GSM7_RUN(vector_gsm7_run_4, uint32_t, narrow_4, plain_gsm7_run_4)

static VECTOR size_t vector_surrogate_2(const uint16_t *text, size_t length) {
    size_t index = 0;
    const __m256i mask = _mm256_set1_epi16((short)0xF800), surrogate = _mm256_set1_epi16((short)0xD800);
    for (; index + 16 <= length; index += 16) {
        __m256i characters = _mm256_loadu_si256((const __m256i *)(text + index));
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_and_si256(characters, mask), surrogate))) break;
    }
    return index + plain_surrogate_2(text + index, length - index);
}

static VECTOR size_t vector_surrogate_4(const uint32_t *text, size_t length, size_t *beyond) {
    size_t index = 0, found = 0;
    const __m256i mask = _mm256_set1_epi32((int)0xFFFFF800), surrogate = _mm256_set1_epi32(0xD800);
    const __m256i highest = _mm256_set1_epi32(0xFFFF);
    for (; index + 8 <= length; index += 8) {
        __m256i characters = _mm256_loadu_si256((const __m256i *)(text + index));
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_and_si256(characters, mask), surrogate))) break;
        found += (size_t)_mm_popcnt_u32(
            (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(characters, highest))));
    }
    *beyond += found;
    return index + plain_surrogate_4(text + index, length - index, beyond);
}

static VECTOR size_t vector_ascii_run(const uint8_t *octets, size_t length) {
    size_t index = 0;
    for (; index + BLOCK <= length; index += BLOCK) {
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)(octets + index)));
        if (high) return index + _tzcnt_u32(high);
    }
    return index + plain_ascii_run(octets + index, length - index);
}

static VECTOR uint8_t vector_highest(const uint8_t *octets, size_t length) {
    size_t index = 0;
    __m256i found = _mm256_setzero_si256();
    uint8_t lanes[BLOCK], highest;
    for (; index + BLOCK <= length; index += BLOCK) {
        found = _mm256_max_epu8(found, _mm256_loadu_si256((const __m256i *)(octets + index)));
    }
    highest = plain_highest(octets + index, length - index);
    if (index) {
        uint8_t other;
        _mm256_storeu_si256((__m256i *)lanes, found);
        other = plain_highest(lanes, BLOCK);
        highest = other > highest ? other : highest;
    }
    return highest;
}

/* A block is written whole, what is not ASCII in it too: that is written over, or is never looked at. */
static inline VECTOR void widen_block_1(__m128i octets, uint8_t *units) {
    _mm_storeu_si128((__m128i *)units, octets);
}

static inline VECTOR void widen_block_2(__m128i octets, uint16_t *units) {
    _mm256_storeu_si256((__m256i *)units, _mm256_cvtepu8_epi16(octets));
}

static inline VECTOR void widen_block_4(__m128i octets, uint32_t *units) {
    _mm256_storeu_si256((__m256i *)units, _mm256_cvtepu8_epi32(octets));
    _mm256_storeu_si256((__m256i *)(units + 8), _mm256_cvtepu8_epi32(_mm_srli_si128(octets, 8)));
}

#define VECTOR_WIDEN(name, unit, widen_block, plain)                                        \
    static VECTOR size_t name(const uint8_t *octets, size_t length, unit *units) {          \
        size_t index = 0;                                                                   \
        for (; index + 16 <= length; index += 16) {                                         \
            __m128i block = _mm_loadu_si128((const __m128i *)(octets + index));             \
            uint32_t high = (uint32_t)_mm_movemask_epi8(block);                             \
            widen_block(block, units + index);                                              \
            if (high) return index + _tzcnt_u32(high);                                      \
        }                                                                                   \
        return index + plain(octets + index, length - index, units + index);                \
    }

VECTOR_WIDEN(vector_widen_1, uint8_t, widen_block_1, plain_widen_1)
VECTOR_WIDEN(vector_widen_2, uint16_t, widen_block_2, plain_widen_2)
VECTOR_WIDEN(vector_widen_4, uint32_t, widen_block_4, plain_widen_4)
#endif

/* -------------------------------------------------------------------------------------------------- dispatch */

static int use_vectors = 0;

static int has_vectors(void) {
#if MSGCORE_AVX2
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
#else
    return 0;
#endif
}

#if MSGCORE_AVX2
#define DISPATCH(name, ...) (use_vectors ? vector_##name(__VA_ARGS__) : plain_##name(__VA_ARGS__))
#else
#define DISPATCH(name, ...) plain_##name(__VA_ARGS__)
#endif

static inline size_t gsm7_run_1(const uint8_t *text, size_t length, size_t *escaped) {
    return DISPATCH(gsm7_run_1, text, length, escaped);
}
static inline size_t ascii_gsm7_run(const uint8_t *octets, size_t length, size_t *escaped) {
    return DISPATCH(ascii_gsm7_run, octets, length, escaped);
}
static inline size_t gsm7_run_2(const uint16_t *text, size_t length, size_t *escaped) {
    return DISPATCH(gsm7_run_2, text, length, escaped);
}
static inline size_t gsm7_run_4(const uint32_t *text, size_t length, size_t *escaped) {
    return DISPATCH(gsm7_run_4, text, length, escaped);
}
static inline size_t surrogate_2(const uint16_t *text, size_t length) { return DISPATCH(surrogate_2, text, length); }
static inline size_t surrogate_4(const uint32_t *text, size_t length, size_t *beyond) {
    return DISPATCH(surrogate_4, text, length, beyond);
}
static inline uint8_t highest(const uint8_t *octets, size_t length) { return DISPATCH(highest, octets, length); }
static inline size_t widen_1(const uint8_t *octets, size_t length, uint8_t *units) {
    return DISPATCH(widen_1, octets, length, units);
}
static inline size_t widen_2(const uint8_t *octets, size_t length, uint16_t *units) {
    return DISPATCH(widen_2, octets, length, units);
}
static inline size_t widen_4(const uint8_t *octets, size_t length, uint32_t *units) {
    return DISPATCH(widen_4, octets, length, units);
}
static inline size_t ascii_run(const uint8_t *octets, size_t length) { return DISPATCH(ascii_run, octets, length); }

#endif
