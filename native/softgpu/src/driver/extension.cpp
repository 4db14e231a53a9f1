// softgpu.h: error texts and counters.
#include "../../include/softgpu.h"
#include "driver.h"

#include <algorithm>
#include <cstring>

#define SOFTGPU_EXTENSION extern "C" __attribute__((visibility("default")))

using namespace softgpu;

namespace {

int64_t put(const std::string &text, char *out, int64_t capacity) {
    if (out && capacity > 0) {
        std::size_t length = std::min(text.size(), static_cast<std::size_t>(capacity - 1));
        std::memcpy(out, text.data(), length);
        out[length] = 0;
    }
    return static_cast<int64_t>(text.size());
}

std::map<std::string, KernelCounters> collect(int32_t device) {
    std::map<std::string, KernelCounters> all;
    for (const auto &d : driver().devices)
        if (device < 0 || d->index == device)
            for (const auto &[name, counters] : d->counters) all[name].add(counters);
    return all;
}

// The number at a dotted path of a flat JSON object made by us.
int64_t number_at(std::string_view json, std::string_view path) {
    while (!path.empty()) {
        std::string_view name = path.substr(0, path.find('.'));
        // names of matrix instructions hold dots themselves: a whole remaining path may be a name
        std::string whole = "\"" + std::string(path) + "\":", part = "\"" + std::string(name) + "\":";
        int depth = 0;
        std::size_t at = std::string_view::npos;
        bool last = false;
        for (std::size_t i = 0; i < json.size(); i++) {
            if (json[i] == '{') depth++;
            if (json[i] == '}' && --depth == 0) break;
            if (depth != 1 || json[i] != '"' || (i && json[i - 1] != '{' && json[i - 1] != ',')) continue;
            if (json.substr(i).starts_with(whole)) {
                at = i + whole.size();
                last = true;
                break;
            }
            if (json.substr(i).starts_with(part)) {
                at = i + part.size();
                break;
            }
        }
        if (at == std::string_view::npos) return -1;
        json = json.substr(at);
        if (last || name.size() == path.size()) break;
        path = path.substr(name.size() + 1);
    }
    if (json.empty() || json[0] < '0' || json[0] > '9') return -1;
    return static_cast<int64_t>(std::strtoull(std::string(json.substr(0, 24)).c_str(), nullptr, 10));
}

} // namespace

SOFTGPU_EXTENSION int64_t softgpu_last_error(char *text, int64_t capacity) {
    std::lock_guard lock(driver().mutex);
    return put(driver().last_error, text, capacity);
}
SOFTGPU_EXTENSION void softgpu_set_counters(int32_t level) {
    attempt("softgpu_set_counters", [&] {
        initialise();
        driver().options.counters = std::max(0, std::min(2, level));
    });
}
SOFTGPU_EXTENSION void softgpu_set_threads(int32_t threads) {
    attempt("softgpu_set_threads", [&] {
        initialise();
        driver().options.host_threads = std::max(1, threads);
    });
}
SOFTGPU_EXTENSION void softgpu_reset_counters(void) {
    std::lock_guard lock(driver().mutex);
    for (auto &device : driver().devices) device->counters.clear();
}
SOFTGPU_EXTENSION int64_t softgpu_counters_json(int32_t device, char *text, int64_t capacity) {
    std::lock_guard lock(driver().mutex);
    return put(to_json(collect(device)), text, capacity);
}
SOFTGPU_EXTENSION int64_t softgpu_counter(const char *kernel, const char *path) {
    std::lock_guard lock(driver().mutex);
    if (!kernel || !path) return -1;
    auto all = collect(-1);
    auto found = all.find(kernel);
    if (found == all.end()) return -1;
    std::string json = to_json({{"k", found->second}});
    return number_at(std::string_view(json).substr(5), path);
}
SOFTGPU_EXTENSION int64_t softgpu_profile(const char *kernel, char *text, int64_t capacity) {
    std::lock_guard lock(driver().mutex);
    auto all = collect(-1);
    auto found = kernel ? all.find(kernel) : all.end();
    if (found == all.end()) return put("", text, capacity);
    struct Row {
        uint64_t count;
        uint32_t line;
        const std::string *text;
    };
    std::vector<Row> rows;
    for (const auto &[line, statements] : found->second.lines)
        for (const auto &[text, count] : statements) rows.push_back({count, line, &text});
    std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.count > b.count; });
    std::string out;
    for (const Row &row : rows) out += std::to_string(row.count) + "\t" + std::to_string(row.line) + "\t" + *row.text + "\n";
    return put(out, text, capacity);
}
