// Checks of the caller's arguments. Each throws a Failure whose text names the field and its value.
#pragma once

#include <cstdint>
#include <string>

#include "leanspike.h"

namespace leanspike {

// The largest width of a layer, number of rows, sequences and so on that any call accepts: products of two fit 62 bits.
constexpr int64_t MAX_EXTENT = int64_t{1} << 30;
constexpr int32_t MAX_TIMESTEPS = 1 << 16;

[[noreturn]] void reject(const std::string &field, const std::string &why);

void require_pointer(const void *pointer, const char *field);
void require_absent(const void *pointer, const char *field, const char *when);
void require_extent(int64_t value, const char *field);
void require_timesteps(int32_t timesteps);
// rows x timesteps x width elements of at most 8 bytes must be countable.
void require_countable(int64_t rows, int64_t timesteps, int64_t width);
void require_finite(float value, const char *field);
void require_threshold(const leanspike_neuron &neuron);
void require_neuron(const leanspike_neuron &neuron);
void require_norm(const leanspike_layer_norm &norm);
void require_matrix(const leanspike_matrix &matrix, const std::string &field);
void require_epilogue(int32_t epilogue);
void require_tile_rows(int32_t tile_rows);
void require_packed(const void *packed);
void require_ids(const int32_t *ids, int64_t rows, int64_t table_rows, const char *field);

// Offsets [count + 1] that rise from 0 to end; strictly: every part has at least one. Returns the largest part.
enum class Parts { MAY_BE_EMPTY, NOT_EMPTY };
int64_t require_offsets(const int32_t *offsets, int64_t count, int64_t end, Parts parts, const char *field);
// As above where the end itself is for the offsets to say.
int64_t require_offsets(const int32_t *offsets, int64_t count, Parts parts, const char *field);

} // namespace leanspike
