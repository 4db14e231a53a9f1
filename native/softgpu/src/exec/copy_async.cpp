// cp.async: the source is checked when the instruction issues; the bytes arrive in shared memory when the group is waited for.
#include "addressing.h"
#include "families.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

// operand: 0 source address, 1 shared address, 2 source size or none (3: a predicate that, when true, fills with zeros)
void copy(Warp &w, const Instruction &in) {
    uint32_t bytes = in.width, exec = w.exec;
    uint32_t copied[lanes];
    const uint32_t *size = in.operand[2] == no_operand ? nullptr : lanes_at<uint32_t>(w, in.operand[2]);
    uint32_t ignore = in.operand[3] == no_operand ? 0 : predicate(w, in.operand[3]);
    uint32_t reading = 0;
    for (int i = 0; i < lanes; i++) {
        copied[i] = ignore >> i & 1 ? 0 : size ? size[i] : bytes;
        if ((exec >> i & 1) && copied[i] > bytes) raise(w, in, i, 719, "cp.async with a source size above its copy size");
        reading |= uint32_t(copied[i] != 0) << i;
    }
    Lanes source, destination;
    read_addresses(w, in, source.address);
    // A copy of fewer bytes than its size reads only those; whole copies are checked and counted together.
    uint32_t whole = 0;
    for (int i = 0; i < lanes; i++) whole |= uint32_t(copied[i] == bytes) << i;
    if (exec & whole) resolve_global<Access::Read>(w, in, source, exec & whole, bytes);
    for (int i = 0; i < lanes; i++) {
        if (!(exec & reading & ~whole & (1u << i))) continue;
        if (source.address[i] & (bytes - 1)) raise_global(w, in, i, source.address[i], bytes, Fault::Misaligned);
        const Region *region = find_region(*w.block->launch, source.address[i]);
        if (!region || source.address[i] - region->address + copied[i] > region->bytes) raise_global(w, in, i, source.address[i], copied[i], Fault::OutOfBounds);
        source.host[i] = region->host + (source.address[i] - region->address);
        count_global(w, in, source.address, 1u << i, copied[i], false, region);
    }
    if (in.mode) { // the destination is a generic-width register of 64 bits
        const uint64_t *d = lanes_at<uint64_t>(w, in.operand[1]);
        for (int i = 0; i < lanes; i++) destination.address[i] = d[i] + uint32_t(in.target);
    } else {
        const uint32_t *d = lanes_at<uint32_t>(w, in.operand[1]);
        for (int i = 0; i < lanes; i++) destination.address[i] = uint32_t(d[i] + in.target);
    }
    resolve_shared<Access::AsyncWrite>(w, in, destination, exec, bytes);
    for (int i = 0; i < lanes; i++)
        if (exec >> i & 1) defer_copy(w, i, uint32_t(destination.address[i]), source.host[i], bytes, copied[i]);
}

} // namespace

Handler copy_async_handler() { return copy; }

} // namespace softgpu::SOFTGPU_ISA
