// The PTX data types: name, width and how their bits are read.
#pragma once

#include <cstdint>
#include <string_view>

namespace softgpu {

enum class Type : uint8_t {
    None, Pred, B1, U4, S4, B8, U8, S8, B16, U16, S16, F16, BF16, B32, U32, S32, F32, TF32,
    F16x2, BF16x2, B64, U64, S64, F64, B128
};

enum class Reading : uint8_t { Bits, Unsigned, Signed, Float };

struct TypeFacts {
    std::string_view name;
    uint32_t bits;
    Reading reading;
};

inline constexpr TypeFacts type_facts[] = {
    {"none", 0, Reading::Bits},      {"pred", 1, Reading::Bits},     {"b1", 1, Reading::Bits},
    {"u4", 4, Reading::Unsigned},    {"s4", 4, Reading::Signed},     {"b8", 8, Reading::Bits},
    {"u8", 8, Reading::Unsigned},    {"s8", 8, Reading::Signed},     {"b16", 16, Reading::Bits},
    {"u16", 16, Reading::Unsigned},  {"s16", 16, Reading::Signed},   {"f16", 16, Reading::Float},
    {"bf16", 16, Reading::Float},    {"b32", 32, Reading::Bits},     {"u32", 32, Reading::Unsigned},
    {"s32", 32, Reading::Signed},    {"f32", 32, Reading::Float},    {"tf32", 32, Reading::Float},
    {"f16x2", 32, Reading::Float},   {"bf16x2", 32, Reading::Float}, {"b64", 64, Reading::Bits},
    {"u64", 64, Reading::Unsigned},  {"s64", 64, Reading::Signed},   {"f64", 64, Reading::Float},
    {"b128", 128, Reading::Bits},
};

constexpr const TypeFacts &facts(Type type) { return type_facts[static_cast<int>(type)]; }
constexpr uint32_t bits_of(Type type) { return facts(type).bits; }
constexpr uint32_t bytes_of(Type type) { return (bits_of(type) + 7) / 8; }
constexpr bool is_signed(Type type) { return facts(type).reading == Reading::Signed; }
constexpr bool is_float(Type type) { return facts(type).reading == Reading::Float; }

// Type::None where the name (without its dot) is not a type.
constexpr Type type_named(std::string_view name) {
    for (int i = 1; i < static_cast<int>(sizeof type_facts / sizeof *type_facts); i++)
        if (type_facts[i].name == name) return static_cast<Type>(i);
    return Type::None;
}

} // namespace softgpu
