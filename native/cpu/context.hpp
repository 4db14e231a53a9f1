// The opaque leanspike_context and what every API function shares: the last error, and turning failures into a status.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "kernels.hpp"
#include "thread_pool.hpp"

struct leanspike_context {
    leanspike_context(int threads, int32_t chosen, const leanspike::kernel_table &table) : pool(threads), variant(chosen), kernels(table) {}

    leanspike::ThreadPool pool;
    int32_t variant;
    const leanspike::kernel_table &kernels;
};

namespace leanspike {

// A failure with the status it becomes.
class Failure : public std::exception {
  public:
    Failure(int32_t status, std::string text) : status_(status), text_(std::move(text)) {}
    int32_t status() const { return status_; }
    const char *what() const noexcept override { return text_.c_str(); }

  private:
    int32_t status_;
    std::string text_;
};

const std::string &last_error();
// Remembers "leanspike_<function>: <text>" for the calling thread; never throws.
int32_t fail(int32_t status, const char *function, const char *text) noexcept;
// Copies text, zero-terminated and cut to capacity; returns its full length.
int32_t copy_text(const std::string &text, char *out, int32_t capacity);

// Runs body; whatever it throws becomes a status.
template <class Body>
int32_t guarded(const char *function, const Body &body) noexcept {
    try {
        body();
        return LEANSPIKE_OK;
    } catch (const Failure &failure) {
        return fail(failure.status(), function, failure.what());
    } catch (const std::bad_alloc &) {
        return fail(LEANSPIKE_OUT_OF_MEMORY, function, "out of memory");
    } catch (const std::system_error &error) {
        return fail(LEANSPIKE_OUT_OF_MEMORY, function, error.what()); // threads that cannot be started
    } catch (const std::exception &error) {
        return fail(LEANSPIKE_INTERNAL, function, error.what());
    } catch (...) {
        return fail(LEANSPIKE_INTERNAL, function, "unknown failure");
    }
}

// Offsets of scratch areas, each on its own cache lines.
class ScratchPlan {
  public:
    int64_t add(int64_t bytes) {
        const int64_t at = bytes_;
        bytes_ += (bytes + 63) / 64 * 64;
        return at;
    }
    int64_t bytes() const { return bytes_; }

  private:
    int64_t bytes_ = 0;
};

} // namespace leanspike
