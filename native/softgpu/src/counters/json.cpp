// Counters as JSON: an object per kernel name.
#include "counters.h"

#include <cstdio>

namespace softgpu {
namespace {

class Json {
public:
    std::string text;

    void open(const char *name = nullptr) {
        key(name);
        text += '{';
        first_ = true;
    }
    void close() {
        text += '}';
        first_ = false;
    }
    void number(const char *name, uint64_t value) {
        key(name);
        text += std::to_string(value);
    }
    void ratio(const char *name, double part, double whole) {
        if (whole == 0) return;
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.6g", part / whole);
        key(name);
        text += digits;
    }
    void string(const char *name, const std::string &value) {
        key(name);
        quote(value);
    }
    void key(const char *name) {
        if (!first_) text += ',';
        first_ = false;
        if (!name) return;
        quote(name);
        text += ':';
    }

private:
    void quote(const std::string &value) {
        text += '"';
        for (char c : value) {
            if (c == '"' || c == '\\') text += '\\';
            text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        text += '"';
    }
    bool first_ = true;
};

void put(Json &j, const char *name, const RequestCounters &c) {
    j.open(name);
    j.number("requests", c.requests);
    j.number("lanes", c.lanes);
    j.number("bytes", c.bytes);
    j.number("sectors", c.sectors);
    j.ratio("sectors_per_request", double(c.sectors), double(c.requests));
    j.close();
}
void put(Json &j, const char *name, const SharedCounters &c) {
    j.open(name);
    j.number("requests", c.requests);
    j.number("bytes", c.bytes);
    j.number("wavefronts", c.wavefronts);
    j.number("ideal_wavefronts", c.ideal);
    j.ratio("bank_conflict_factor", double(c.wavefronts), double(c.ideal));
    j.close();
}

void put(Json &j, const std::string &name, const KernelCounters &c) {
    uint64_t issued = 0, lanes = 0;
    for (int k = 0; k < static_cast<int>(Kind::Count); k++) {
        issued += c.issued[k];
        lanes += c.lanes[k];
    }
    j.open(name.c_str());
    j.number("launches", c.launches);
    j.number("blocks", c.blocks);
    j.number("threads", c.threads);
    j.number("warp_instructions", issued);
    j.number("lane_instructions", lanes);
    j.ratio("active_lanes_per_instruction", double(lanes), double(issued));
    j.open("instructions");
    for (int k = 0; k < static_cast<int>(Kind::Synthetic); k++)
        if (c.issued[k]) j.number(kind_name(static_cast<Kind>(k)), c.issued[k]);
    j.close();
    j.ratio("matrix_share", double(c.issued[static_cast<int>(Kind::Matrix)]), double(issued));
    j.open("matrix");
    for (const auto &[shape, count] : c.matrix) j.number(shape.c_str(), count);
    j.close();
    put(j, "global_load", c.global_load);
    put(j, "global_store", c.global_store);
    put(j, "global_atomic", c.global_atomic);
    put(j, "shared_load", c.shared_load);
    put(j, "shared_store", c.shared_store);
    put(j, "shared_atomic", c.shared_atomic);
    j.number("branches", c.branches);
    j.number("divergent_branches", c.divergent_branches);
    j.number("barriers", c.barriers);
    j.open("traffic");
    j.number("distinct_bytes_read", c.traffic.distinct_read);
    j.number("distinct_bytes_written", c.traffic.distinct_written);
    j.number("l2_sector_reads", c.traffic.l2_reads);
    j.number("l2_sector_writes", c.traffic.l2_writes);
    j.number("dram_bytes_read", c.traffic.dram_read);
    j.number("dram_bytes_written", c.traffic.dram_written);
    j.close();
    j.close();
}

} // namespace

std::string to_json(const std::map<std::string, KernelCounters> &kernels) {
    Json j;
    j.open();
    for (const auto &[name, counters] : kernels) put(j, name, counters);
    j.close();
    return j.text;
}

} // namespace softgpu
