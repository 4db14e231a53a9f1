// vprintf writes to standard output, lane by lane; __assertfail ends the kernel with the text of the assertion.
#include "built_in.h"

#include "block_run.h"
#include "fault.h"

#include <cstdio>
#include <cstring>
#include <mutex>

namespace softgpu {
namespace {

uint64_t argument(const Warp &w, const CallSite &site, std::size_t index, uint32_t lane) {
    uint64_t value = 0;
    if (index >= site.arguments.size()) return 0;
    const LaneArea &area = site.arguments[index];
    std::memcpy(&value, w.base[0] + area.offset + lane * area.stride, std::min<uint32_t>(area.bytes, 8));
    return value;
}

// Bytes behind a generic address, or null.
const uint8_t *bytes_at(Warp &w, uint64_t address, uint32_t lane, uint64_t &available) {
    if (address - local_window < window_bytes) {
        uint64_t offset = address - local_window;
        if (offset >= w.local_stride) return nullptr;
        available = w.local_stride - offset;
        return w.local + std::size_t(lane) * w.local_stride + offset;
    }
    const Region *region = find_region(*w.block->launch, address);
    if (!region || address - region->address >= region->bytes) return nullptr;
    available = region->bytes - (address - region->address);
    return region->host + (address - region->address);
}

std::string text_at(Warp &w, uint64_t address, uint32_t lane) {
    uint64_t available = 0;
    const uint8_t *bytes = bytes_at(w, address, lane, available);
    if (!bytes) return "(bad pointer)";
    return std::string(reinterpret_cast<const char *>(bytes), strnlen(reinterpret_cast<const char *>(bytes), available));
}

// One conversion of a format with the next argument of the buffer; every argument takes 4 or 8 bytes, aligned.
std::string formatted(Warp &w, const std::string &format, uint64_t buffer, uint32_t lane) {
    std::string out;
    uint64_t offset = 0;
    auto next = [&](uint32_t bytes) {
        offset = (offset + bytes - 1) / bytes * bytes;
        uint64_t available = 0, value = 0;
        const uint8_t *from = bytes_at(w, buffer + offset, lane, available);
        if (from && available >= bytes) std::memcpy(&value, from, bytes);
        offset += bytes;
        return value;
    };
    for (std::size_t i = 0; i < format.size(); i++) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        std::string spec = "%";
        int longs = 0;
        for (i++; i < format.size() && std::strchr("-+ #0123456789.hlz", format[i]); i++) {
            if (format[i] == 'l' || format[i] == 'z') longs++;
            else if (format[i] != 'h') spec += format[i];
        }
        char conversion = i < format.size() ? format[i] : '%';
        char piece[256] = {};
        if (conversion == '%') {
            out += '%';
        } else if (std::strchr("fFeEgGaA", conversion)) {
            double value;
            uint64_t bits = next(8);
            std::memcpy(&value, &bits, 8);
            std::snprintf(piece, sizeof piece, (spec + conversion).c_str(), value);
        } else if (conversion == 's') {
            out += text_at(w, next(8), lane);
        } else if (conversion == 'p') {
            std::snprintf(piece, sizeof piece, "0x%llx", static_cast<unsigned long long>(next(8)));
        } else if (longs) {
            std::snprintf(piece, sizeof piece, (spec + "ll" + conversion).c_str(), static_cast<long long>(next(8)));
        } else {
            std::snprintf(piece, sizeof piece, (spec + conversion).c_str(), static_cast<int>(next(4)));
        }
        out += piece;
    }
    return out;
}

} // namespace

void call_built_in(Warp &w, const Instruction &in, BuiltIn which, const CallSite &site) {
    static std::mutex output;
    for (uint32_t lane = 0; lane < 32; lane++) {
        if (!(w.exec >> lane & 1)) continue;
        if (which == BuiltIn::AssertFail) {
            std::string text = "assertion '" + text_at(w, argument(w, site, 0, lane), lane) + "' failed at " +
                               text_at(w, argument(w, site, 1, lane), lane) + ":" + std::to_string(argument(w, site, 2, lane));
            raise(w, in, static_cast<int>(lane), result::assertion, text.c_str());
        }
        std::string text = formatted(w, text_at(w, argument(w, site, 0, lane), lane), argument(w, site, 1, lane), lane);
        {
            std::lock_guard lock(output);
            std::fputs(text.c_str(), stdout);
            std::fflush(stdout);
        }
        if (!site.results.empty()) {
            int32_t length = static_cast<int32_t>(text.size());
            std::memcpy(w.base[0] + site.results[0].offset + lane * site.results[0].stride, &length, 4);
        }
    }
}

} // namespace softgpu
