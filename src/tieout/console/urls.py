"""The console's addresses. Everything about an organisation stands under /o/<slug>/ and goes through `for_member`."""

from __future__ import annotations

from django.urls import include, path

from tieout.console import (
    changes,
    connection,
    consolidation,
    correcting,
    dry_run,
    findings,
    history,
    mapping,
    overview,
    runs,
    settings,
    sign,
    synchronization,
    wizard,
    xero_settings,
)

of_organisation = [
    path("", overview.overview, name="overview"),
    path("sign/", sign.sign, name="sign"),
    path("sync/", sign.sync_now, name="sync-now"),
    path("history/", history.history, name="history"),
    path("history/<int:number>/", history.entry, name="entry"),
    path("history/<int:number>/correct/", correcting.correct, name="entry-correct"),
    path("history/change/", changes.preview, name="change-preview"),
    path("history/change/apply/", changes.apply, name="change-apply"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<int:number>/undo/", changes.undo, name="change-undo"),
    path("runs/", runs.runs, name="runs"),
    path("reports/synchronization/", synchronization.report, name="synchronization"),
    path("reports/synchronization/layout/", synchronization.save_layout, name="layout-save"),
    path("reports/synchronization/layout/delete/", synchronization.delete_layout, name="layout-delete"),
    path("reports/tie-out/", findings.tie_out_page, name="tie-out"),
    path("findings/", findings.findings, name="findings"),
    path("dry-run/", dry_run.dry_run_page, name="dry-run"),
    path("dry-run/figures/", dry_run.figures, name="dry-run-figures"),
    path("dry-run/<str:kind>/<uuid:number>/", dry_run.record, name="dry-run-record"),
    path("mapping/", mapping.mapping, name="mapping"),
    path("mapping/preview/", mapping.preview, name="mapping-preview"),
    path("mapping/save/", mapping.save, name="mapping-save"),
    path("mapping/default-tax/", mapping.save_default_tax, name="mapping-default-tax"),
    path("mapping/tax/", mapping.tax, name="mapping-tax"),
    path("mapping/xero/", xero_settings.ask, name="xero-setting"),
    path("mapping/xero/do/", xero_settings.carry, name="xero-setting-do"),
    path("settings/", settings.settings, name="settings"),
    path("settings/preview/", settings.preview, name="settings-preview"),
    path("settings/save/", settings.save, name="settings-save"),
    path("connection/", connection.connection, name="connection"),
    path("connection/load/", connection.reload, name="connection-load"),
    path("connection/disconnect/", connection.disconnect, name="connection-disconnect"),
    path("consolidation/", consolidation.consolidation, name="consolidation"),
    path("consolidation/policy/", consolidation.policy, name="consolidation-policy"),
    path("consolidation/<uuid:id_>/", consolidation.document, name="consolidation-document"),
    path("consolidation/<uuid:id_>/close/", consolidation.close, name="consolidation-close"),
    path("connect/", wizard.wizard, name="connect"),
    path("connect/authorise/", wizard.authorise, name="connect-authorise"),
    path("connect/choose/", wizard.choose, name="connect-choose"),
    path("connect/load/", wizard.load, name="connect-load"),
    path("connect/map/", wizard.map_accounts, name="connect-map"),
]

urlpatterns = [
    path("", overview.home, name="home"),
    path("organisations/", overview.organisations, name="organisations"),
    path("connect/xero/callback", wizard.callback, name="xero-callback"),
    path("o/<slug:slug>/", include(of_organisation)),
]
