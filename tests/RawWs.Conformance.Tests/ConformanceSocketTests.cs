using RawWs.Transport;

namespace RawWs.Conformance.Tests;

/// <inheritdoc/>
public sealed class SharedConformanceSocketTests : SharedConformanceTests
{
    /// <inheritdoc/>
    protected override ITransport? Transport => new SocketTransport();
}

/// <inheritdoc/>
public sealed class DedicatedConformanceSocketTests : DedicatedConformanceTests
{
    /// <inheritdoc/>
    protected override ITransport? Transport => new SocketTransport();
}

/// <inheritdoc/>
public sealed class UncompressedConformanceSocketTests : UncompressedConformanceTests
{
    /// <inheritdoc/>
    protected override ITransport? Transport => new SocketTransport();
}

/// <inheritdoc/>
public sealed class SegmentationSocketTests : SegmentationTests
{
    /// <inheritdoc/>
    protected override ITransport? Transport => new SocketTransport();
}
