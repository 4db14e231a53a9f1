#include "validation.hpp"

#include <cmath>
#include <cstdio>

#include "context.hpp"

namespace leanspike {
namespace {

std::string text_of(float value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", static_cast<double>(value));
    return text;
}

std::string text_of(int64_t value) { return std::to_string(value); }

std::string entry(const std::string &field, int64_t index) { return field + "[" + text_of(index) + "]"; }

} // namespace

void reject(const std::string &field, const std::string &why) { throw Failure(LEANSPIKE_BAD_ARGUMENT, field + " " + why); }

void require_pointer(const void *pointer, const char *field) {
    if (pointer == nullptr) reject(field, "is null");
}

void require_absent(const void *pointer, const char *field, const char *when) {
    if (pointer != nullptr) reject(field, std::string("must be null ") + when);
}

void require_extent(int64_t value, const char *field) {
    if (value < 1 || value > MAX_EXTENT) reject(field, "is " + text_of(value) + ", must be in 1 .. " + text_of(MAX_EXTENT));
}

void require_timesteps(int32_t timesteps) {
    if (timesteps < 1 || timesteps > MAX_TIMESTEPS)
        reject("timesteps", "is " + text_of(int64_t{timesteps}) + ", must be in 1 .. " + text_of(int64_t{MAX_TIMESTEPS}));
}

void require_countable(int64_t rows, int64_t timesteps, int64_t width) {
    int64_t product = 0;
    if (__builtin_mul_overflow(rows, timesteps, &product) || __builtin_mul_overflow(product, (width + 63) / 64 * 64 * 8, &product))
        reject("rows", "is " + text_of(rows) + ": rows x timesteps x width is too large");
}

void require_finite(float value, const char *field) {
    if (!std::isfinite(value)) reject(field, "is " + text_of(value) + ", must be finite");
}

void require_threshold(const leanspike_neuron &neuron) {
    if (!std::isfinite(neuron.threshold) || neuron.threshold <= 0) reject("neuron.threshold", "is " + text_of(neuron.threshold) + ", must be finite and > 0");
}

void require_neuron(const leanspike_neuron &neuron) {
    require_threshold(neuron);
    if (!(neuron.leak > 0 && neuron.leak <= 1)) reject("neuron.leak", "is " + text_of(neuron.leak) + ", must be in (0, 1]");
    require_finite(neuron.initial_potential, "neuron.initial_potential");
    if (neuron.reset != LEANSPIKE_RESET_SOFT && neuron.reset != LEANSPIKE_RESET_HARD)
        reject("neuron.reset", "is " + text_of(int64_t{neuron.reset}) + ", must be LEANSPIKE_RESET_SOFT or LEANSPIKE_RESET_HARD");
}

void require_norm(const leanspike_layer_norm &norm) {
    require_pointer(norm.weight, "norm.weight");
    require_pointer(norm.bias, "norm.bias");
    if (!std::isfinite(norm.eps) || norm.eps <= 0) reject("norm.eps", "is " + text_of(norm.eps) + ", must be finite and > 0");
}

void require_matrix(const leanspike_matrix &matrix, const std::string &field) {
    require_pointer(matrix.elements, (field + ".elements").c_str());
    require_extent(matrix.rows, (field + ".rows").c_str());
    require_extent(matrix.cols, (field + ".cols").c_str());
    if (matrix.type < LEANSPIKE_F32 || matrix.type > LEANSPIKE_I8)
        reject(field + ".type", "is " + text_of(int64_t{matrix.type}) + ", must be LEANSPIKE_F32 .. LEANSPIKE_I8");
    if (matrix.type == LEANSPIKE_I8)
        require_pointer(matrix.scale, (field + ".scale").c_str());
    else
        require_absent(matrix.scale, (field + ".scale").c_str(), "unless the type is LEANSPIKE_I8");
}

void require_epilogue(int32_t epilogue) {
    if (epilogue < LEANSPIKE_EPILOGUE_REAL || epilogue > LEANSPIKE_EPILOGUE_GELU_MEMBRANE)
        reject("epilogue", "is " + text_of(int64_t{epilogue}) + ", must be LEANSPIKE_EPILOGUE_REAL .. LEANSPIKE_EPILOGUE_GELU_MEMBRANE");
}

void require_tile_rows(int32_t tile_rows) {
    if (tile_rows < 0) reject("tile_rows", "is " + text_of(int64_t{tile_rows}) + ", must be >= 0");
}

void require_packed(const void *packed) {
    require_pointer(packed, "packed");
    if (reinterpret_cast<uintptr_t>(packed) % 64 != 0) reject("packed", "is not 64-byte aligned");
}

void require_ids(const int32_t *ids, int64_t rows, int64_t table_rows, const char *field) {
    require_pointer(ids, field);
    for (int64_t row = 0; row < rows; ++row)
        if (ids[row] < 0 || ids[row] >= table_rows)
            reject(entry(field, row), "is " + text_of(int64_t{ids[row]}) + ", must be in 0 .. " + text_of(table_rows - 1));
}

int64_t require_offsets(const int32_t *offsets, int64_t count, Parts parts, const char *field) {
    require_pointer(offsets, field);
    if (offsets[0] != 0) reject(entry(field, 0), "is " + text_of(int64_t{offsets[0]}) + ", must be 0");
    int64_t largest = 0;
    for (int64_t i = 0; i < count; ++i) {
        const int64_t size = int64_t{offsets[i + 1]} - offsets[i];
        if (size < 0 || (size == 0 && parts == Parts::NOT_EMPTY))
            reject(entry(field, i + 1), "is " + text_of(int64_t{offsets[i + 1]}) + ", must be " +
                                            (parts == Parts::NOT_EMPTY ? "more than " : "at least ") + text_of(int64_t{offsets[i]}));
        largest = size > largest ? size : largest;
    }
    return largest;
}

int64_t require_offsets(const int32_t *offsets, int64_t count, int64_t end, Parts parts, const char *field) {
    const int64_t largest = require_offsets(offsets, count, parts, field);
    if (offsets[count] != end) reject(entry(field, count), "is " + text_of(int64_t{offsets[count]}) + ", must be " + text_of(end));
    return largest;
}

} // namespace leanspike
