using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>A reader of somebody else's, whose errors are those of a transport.</summary>
internal sealed class ForeignReader(PipeReader reader) : PipeReader
{
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, cancellationToken))
        {
            throw ForeignPipeErrors.Translate(error);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return reader.TryRead(out result);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, CancellationToken.None))
        {
            throw ForeignPipeErrors.Translate(error);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => reader.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => reader.CompleteAsync(exception);
}
