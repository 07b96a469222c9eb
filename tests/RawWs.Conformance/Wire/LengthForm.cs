namespace RawWs.Conformance;

/// <summary>How the payload length of a frame is encoded (RFC 6455 §5.2).</summary>
internal enum LengthForm
{
    Minimal,
    SevenBits,
    SixteenBits,
    SixtyFourBits,
}
