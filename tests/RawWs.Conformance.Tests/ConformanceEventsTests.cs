using RawWs.Transport;

namespace RawWs.Conformance.Tests;

/// <inheritdoc/>
public sealed class DedicatedConformanceEventsTests : DedicatedConformanceTests
{
    /// <inheritdoc/>
    protected override bool CallsHandlers => true;
}

/// <inheritdoc/>
public class UncompressedConformanceEventsTests : UncompressedConformanceTests
{
    /// <inheritdoc/>
    protected override bool CallsHandlers => true;
}

/// <inheritdoc/>
public sealed class UncompressedConformanceEventsSocketTests : UncompressedConformanceEventsTests
{
    /// <inheritdoc/>
    protected override ITransport? Transport => new SocketTransport();
}

/// <inheritdoc/>
public sealed class SegmentationEventsTests : SegmentationTests
{
    /// <inheritdoc/>
    protected override bool CallsHandlers => true;
}
