// A stored weight matrix of any element type, its bytes and the real numbers they stand for.
#pragma once
#include "device.hpp"
#include "reference.hpp"

#include <cstring>
#include <memory>

enum Stored : int32_t { F32 = 0, F16 = 1, BF16 = 2, I8 = 3 };

// The kernels' StoredMatrix.
struct StoredMatrixArg {
    const void* elements;
    const float* scale;
    int32_t columns, type;
};

class StoredMatrix {
public:
    // values are what the elements are rounded from: for I8, in steps of a row's largest / 127.
    StoredMatrix(Stored type, int rows, int columns, const std::vector<float>& values) : type(type), rows(rows), columns(columns), value(values) {
        for (int r = 0; r < rows; r++) {
            float* row = value.data() + size_t(r) * columns;
            float largest = 1e-20f;
            for (int c = 0; c < columns; c++) largest = std::fmax(largest, std::fabs(row[c]));
            scale_.push_back(largest / 127);
            for (int c = 0; c < columns; c++) put(row[c], scale_.back());
        }
        device_ = std::make_unique<Buffer<uint8_t>>(bytes_);
        device_scale_ = std::make_unique<Buffer<float>>(scale_);
    }

    StoredMatrixArg arg() const { return {device_->get(), type == I8 ? device_scale_->get() : nullptr, columns, type}; }
    double at(int row, int column) const { return value[size_t(row) * columns + column]; }

    Stored type;
    int rows, columns;
    std::vector<float> value;  // what the elements stand for

private:
    template <class T>
    void append(T element) {
        const size_t at = bytes_.size();
        bytes_.resize(at + sizeof(T));
        std::memcpy(bytes_.data() + at, &element, sizeof(T));
    }

    void put(float& v, float scale) {
        switch (type) {
            case F32: append(v); break;
            case F16: {
                const _Float16 half = _Float16(v);
                append(half);
                v = float(half);
                break;
            }
            case BF16: {
                uint32_t bits;
                std::memcpy(&bits, &v, 4);
                bits &= 0xffff0000u;
                std::memcpy(&v, &bits, 4);
                append(uint16_t(bits >> 16));
                break;
            }
            case I8: {
                const int8_t byte = int8_t(std::lrint(v / scale));
                append(byte);
                v = scale * float(byte);
                break;
            }
        }
    }

    std::vector<uint8_t> bytes_;
    std::vector<float> scale_;
    std::unique_ptr<Buffer<uint8_t>> device_;
    std::unique_ptr<Buffer<float>> device_scale_;
};
